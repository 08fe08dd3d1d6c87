#include "archive/segment.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"

namespace holdfast::archive {
namespace {

using journal::Offset;
using journal::StoredRecord;

constexpr std::string_view kMagic = "HFSEG1\r\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMaxContextBytes = 40;
constexpr Offset kFooterMark = std::numeric_limits<Offset>::max();
constexpr std::string_view kSignedFor = "holdfast/segment/1";

void AppendContext(std::string& out, const std::string& context) {
  AppendBigEndian32(out, static_cast<std::uint32_t>(context.size()));
  out += context;
}

std::string HeaderOf(const SegmentStart& start) {
  std::string header(kMagic);
  AppendBigEndian32(header, kVersion);
  AppendContext(header, start.partition.context);
  AppendBigEndian32(header, start.partition.partition);
  AppendBigEndian64(header, start.first_offset);
  header += AsBytes(start.previous);
  AppendBigEndian32(header, Crc32c(header));
  return header;
}

std::string SignedBytes(const SegmentStart& start, const SegmentEnd& end) {
  std::string bytes(kSignedFor);
  bytes.push_back('\0');
  AppendContext(bytes, start.partition.context);
  AppendBigEndian32(bytes, start.partition.partition);
  AppendBigEndian64(bytes, start.first_offset);
  AppendBigEndian64(bytes, end.last_offset);
  AppendBigEndian64(bytes, end.records);
  bytes += AsBytes(end.digest);
  bytes += AsBytes(start.previous);
  return bytes;
}

// Offset and length of a record, as they stand before its checksum.
std::string RecordHead(Offset offset, std::size_t length) {
  std::string head;
  AppendBigEndian64(head, offset);
  AppendBigEndian32(head, static_cast<std::uint32_t>(length));
  return head;
}

std::string ChecksumOf(std::string_view head, std::string_view record) {
  std::string bytes(head);
  bytes += record;
  std::string checksum;
  AppendBigEndian32(checksum, Crc32c(bytes));
  return checksum;
}

Hash HashFrom(std::string_view bytes) {
  Hash hash{};
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SegmentWriter>> SegmentWriter::Create(const std::string& path,
                                                                     const SegmentStart& start) {
  HOLDFAST_CHECK(start.partition.context.size() <= kMaxContextBytes);
  ASSIGN_OR_RETURN(std::unique_ptr<DurableFile> file, DurableFile::Create(path));
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(start, std::move(file)));
  RETURN_IF_ERROR(writer->AppendHashed(HeaderOf(start)));
  return writer;
}

absl::Status SegmentWriter::AppendHashed(std::string_view bytes) {
  sha256_.Update(bytes);
  return file_->Append(bytes);
}

absl::Status SegmentWriter::Append(const StoredRecord& record) {
  HOLDFAST_CHECK(record.offset >= start_.first_offset && record.offset != kFooterMark);
  HOLDFAST_CHECK(end_.records == 0 || record.offset > end_.last_offset);
  const std::string head = RecordHead(record.offset, record.bytes.size());
  RETURN_IF_ERROR(AppendHashed(head));
  RETURN_IF_ERROR(AppendHashed(ChecksumOf(head, record.bytes)));
  RETURN_IF_ERROR(AppendHashed(record.bytes));
  end_.last_offset = record.offset;
  ++end_.records;
  return absl::OkStatus();
}

absl::StatusOr<SegmentEnd> SegmentWriter::Seal(const security::Ed25519PrivateKey& key) {
  HOLDFAST_CHECK(end_.records > 0);
  end_.digest = sha256_.Finish();
  std::string footer;
  AppendBigEndian64(footer, kFooterMark);
  AppendBigEndian64(footer, end_.records);
  AppendBigEndian64(footer, end_.last_offset);
  footer += AsBytes(end_.digest);
  footer += key.Sign(SignedBytes(start_, end_));
  RETURN_IF_ERROR(file_->Append(footer));
  RETURN_IF_ERROR(file_->Publish(DurableFile::Existing::kKept));
  return end_;
}

SegmentReader::SegmentReader(std::string path, const security::Ed25519PublicKey& key)
    : path_(std::move(path)), key_(key), file_(path_, std::ios::binary) {}

absl::StatusOr<std::unique_ptr<SegmentReader>> SegmentReader::Open(
    const std::string& path, const security::Ed25519PublicKey& key) {
  std::unique_ptr<SegmentReader> reader(new SegmentReader(path, key));
  if (!reader->file_)
    return absl::UnavailableError(absl::StrCat("segment ", path, " cannot be read"));
  RETURN_IF_ERROR(reader->ReadHeader());
  return reader;
}

absl::Status SegmentReader::Damaged(const std::string& how) const {
  return absl::DataLossError(absl::StrCat("segment ", path_, " is damaged: ", how));
}

absl::StatusOr<std::string> SegmentReader::Take(std::size_t bytes, const std::string& part) {
  std::string taken(bytes, '\0');
  file_.read(taken.data(), static_cast<std::streamsize>(bytes));
  if (file_.bad())
    return absl::UnavailableError(absl::StrCat("segment ", path_, " cannot be read"));
  if (static_cast<std::size_t>(file_.gcount()) < bytes)
    return Damaged(absl::StrCat(part, " is cut short"));
  return taken;
}

absl::Status SegmentReader::ReadHeader() {
  const std::string part = "its header";
  ASSIGN_OR_RETURN(std::string header, Take(kMagic.size() + 8, part));
  if (!header.starts_with(kMagic)) return Damaged("it does not begin as a segment does");
  const std::uint32_t version = ReadBigEndian32(std::string_view(header).substr(kMagic.size()));
  const std::uint32_t length = ReadBigEndian32(std::string_view(header).substr(kMagic.size() + 4));
  if (length > kMaxContextBytes) return Damaged(part + " has another checksum");
  ASSIGN_OR_RETURN(const std::string rest, Take(length + 4 + 8 + sizeof(Hash) + 4, part));
  header += rest;
  const std::string_view all = header;
  const std::string_view checked = all.substr(0, all.size() - 4);
  if (Crc32c(checked) != ReadBigEndian32(all.substr(checked.size())))
    return Damaged(part + " has another checksum");
  if (version != kVersion) {
    return absl::DataLossError(
        absl::StrCat("segment ", path_, " is of version ", version,
                     ": read it with the version of holdfast that wrote it"));
  }
  std::string_view fields = std::string_view(rest);
  start_.partition.context = std::string(fields.substr(0, length));
  fields.remove_prefix(length);
  start_.partition.partition = ReadBigEndian32(fields);
  start_.first_offset = ReadBigEndian64(fields.substr(4));
  start_.previous = HashFrom(fields.substr(12, sizeof(Hash)));
  sha256_.Update(header);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<StoredRecord>> SegmentReader::Next() {
  if (ended_) return std::nullopt;
  const std::string part = end_.records == 0
                               ? "what follows its header"
                               : absl::StrCat("what follows record ", end_.last_offset);
  ASSIGN_OR_RETURN(std::string head, Take(8, part));
  const Offset offset = ReadBigEndian64(head);
  if (offset == kFooterMark) {
    RETURN_IF_ERROR(ReadFooter());
    ended_ = true;
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(const std::string sizes, Take(8, part));
  const std::uint32_t length = ReadBigEndian32(sizes);
  if (length > journal::kMaxRecordBytes) return Damaged(part + " is no record");
  ASSIGN_OR_RETURN(std::string bytes, Take(length, part));
  head += std::string_view(sizes).substr(0, 4);
  if (ChecksumOf(head, bytes) != std::string_view(sizes).substr(4))
    return Damaged(part + " has another checksum");
  const bool rises = end_.records == 0 ? offset >= start_.first_offset : offset > end_.last_offset;
  if (!rises) return Damaged(absl::StrCat(part, " is record ", offset, ", out of order"));
  sha256_.Update(head).Update(std::string_view(sizes).substr(4)).Update(bytes);
  end_.last_offset = offset;
  ++end_.records;
  return StoredRecord{offset, std::move(bytes)};
}

absl::Status SegmentReader::ReadFooter() {
  ASSIGN_OR_RETURN(const std::string footer,
                   Take(8 + 8 + sizeof(Hash) + security::kEd25519SignatureBytes, "its footer"));
  const std::string_view fields = footer;
  end_.digest = sha256_.Finish();
  if (HashFrom(fields.substr(16, sizeof(Hash))) != end_.digest)
    return Damaged("its digest is not that of its records");
  if (ReadBigEndian64(fields) != end_.records ||
      ReadBigEndian64(fields.substr(8)) != end_.last_offset)
    return Damaged("its footer counts other records");
  if (!key_.Verify(SignedBytes(start_, end_), fields.substr(16 + sizeof(Hash)))) {
    return absl::DataLossError(absl::StrCat("segment ", path_, " is not signed by the key ",
                                            key_.Fingerprint(),
                                            ": it is foreign, or its signature is damaged"));
  }
  if (file_.peek() != std::ifstream::traits_type::eof())
    return Damaged("something follows its footer");
  return absl::OkStatus();
}

}  // namespace holdfast::archive
