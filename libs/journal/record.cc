// How records are built, and the small records of those who keep a fold.
#include <cstring>

#include "holdfast/journal/v1/journal.pb.h"

#include "google/protobuf/io/coded_stream.h"
#include "journal/acceptance.h"

namespace holdfast::journal {
namespace {

using google::protobuf::io::CodedOutputStream;

// Tags of journal.v1.Record and journal.v1.Writer: (field number << 3) | wire type.
constexpr std::uint8_t kRecordWriter = 0x0A;
constexpr std::uint8_t kRecordCopied = 0x10;
constexpr std::uint8_t kRecordCommit = 0x1A;
constexpr std::uint8_t kWriterEpoch = 0x08;
constexpr std::uint8_t kWriterInstance = 0x12;

// Everything of a Record before its commit bytes, which follow. Written by hand because a Record
// message would hold a second copy of the commit; a test compares it with the generated code.
std::string CommitPrefix(const WriterId& writer, bool copied, std::size_t commit_size) {
  std::uint8_t buffer[64];
  std::uint8_t* at = buffer;
  const std::size_t epoch_size =
      writer.epoch == 0 ? 0 : 1 + CodedOutputStream::VarintSize64(writer.epoch);
  *at++ = kRecordWriter;
  at = CodedOutputStream::WriteVarint64ToArray(epoch_size + 2 + writer.instance.size(), at);
  if (writer.epoch != 0) {
    *at++ = kWriterEpoch;
    at = CodedOutputStream::WriteVarint64ToArray(writer.epoch, at);
  }
  *at++ = kWriterInstance;
  *at++ = static_cast<std::uint8_t>(writer.instance.size());
  std::memcpy(at, writer.instance.data(), writer.instance.size());
  at += writer.instance.size();
  if (copied) {
    *at++ = kRecordCopied;
    *at++ = 1;
  }
  *at++ = kRecordCommit;
  at = CodedOutputStream::WriteVarint64ToArray(commit_size, at);
  const auto size = static_cast<std::size_t>(at - buffer);
  std::string out;
  out.reserve(size + commit_size);
  out.append(reinterpret_cast<const char*>(buffer), size);
  return out;
}

v1::Record RecordOf(const WriterId& writer) {
  v1::Record record;
  record.mutable_writer()->set_epoch(writer.epoch);
  record.mutable_writer()->set_instance(writer.instance.data(), writer.instance.size());
  return record;
}

void AppendHash(std::string& out, const Hash& hash) {
  out.append(AsBytes(hash));
}

Hash ReadHash(std::string_view bytes) {
  Hash hash{};
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

}  // namespace

EncodedCommit EncodeCommitRecord(const WriterId& writer, const v1::Commit& commit) {
  const std::size_t size = commit.ByteSizeLong();
  EncodedCommit out;
  out.record = CommitPrefix(writer, false, size);
  out.commit_at = out.record.size();
  out.record.resize(out.commit_at + size);
  commit.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.record.data()) +
                                         out.commit_at);
  return out;
}

std::string EncodeCopy(const WriterId& writer, std::string_view commit_bytes) {
  std::string out = CommitPrefix(writer, true, commit_bytes.size());
  out.append(commit_bytes);
  return out;
}

std::string EncodeBarrier(const WriterId& writer) {
  v1::Record record = RecordOf(writer);
  record.mutable_barrier();
  return record.SerializeAsString();
}

std::string EncodeTenantClosed(const WriterId& writer, std::string_view tenant,
                               std::optional<std::uint32_t> to_partition) {
  v1::Record record = RecordOf(writer);
  v1::TenantClosed& closed = *record.mutable_tenant_closed();
  closed.set_tenant(tenant.data(), tenant.size());
  if (to_partition) closed.set_to_partition(*to_partition);
  return record.SerializeAsString();
}

std::string EncodeTenantOpened(const WriterId& writer, std::string_view tenant,
                               const TenantHead& head) {
  v1::Record record = RecordOf(writer);
  v1::TenantOpened& opened = *record.mutable_tenant_opened();
  opened.set_tenant(tenant.data(), tenant.size());
  opened.set_head(head.hash.data(), head.hash.size());
  opened.set_seq(head.seq);
  return record.SerializeAsString();
}

// epoch 8, instance 16, next_offset 8, has_digest 1, digest 32, reported_at 8, reported 32.
std::string Serialise(const PartitionState& state) {
  std::string out;
  out.reserve(105);
  AppendBigEndian64(out, state.owner.epoch);
  out.append(AsBytes(state.owner.instance));
  AppendBigEndian64(out, state.next_offset);
  out.push_back(state.has_digest ? '\1' : '\0');
  AppendHash(out, state.digest);
  AppendBigEndian64(out, state.reported_at);
  AppendHash(out, state.reported);
  return out;
}

std::optional<PartitionState> ParsePartitionState(std::string_view bytes) {
  if (bytes.size() != 105) return std::nullopt;
  PartitionState state;
  state.owner.epoch = ReadBigEndian64(bytes);
  std::memcpy(state.owner.instance.data(), bytes.data() + 8, 16);
  state.next_offset = ReadBigEndian64(bytes.substr(24));
  state.has_digest = bytes[32] != '\0';
  state.digest = ReadHash(bytes.substr(33));
  state.reported_at = ReadBigEndian64(bytes.substr(65));
  state.reported = ReadHash(bytes.substr(73));
  return state;
}

// seq 8, hash 32, receiving 1.
std::string Serialise(const TenantHead& head) {
  std::string out;
  out.reserve(41);
  AppendBigEndian64(out, head.seq);
  AppendHash(out, head.hash);
  out.push_back(head.receiving ? '\1' : '\0');
  return out;
}

std::optional<TenantHead> ParseTenantHead(std::string_view bytes) {
  if (bytes.size() != 41) return std::nullopt;
  TenantHead head;
  head.seq = ReadBigEndian64(bytes);
  head.hash = ReadHash(bytes.substr(8));
  head.receiving = bytes[40] != '\0';
  return head;
}

}  // namespace holdfast::journal
