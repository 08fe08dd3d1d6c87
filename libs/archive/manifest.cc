#include "archive/manifest.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "archive/durable_file.h"
#include "archive/key_file.h"
#include "base/hex.h"
#include "base/status_macros.h"

namespace holdfast::archive {
namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;
using security::Ed25519PrivateKey;
using security::Ed25519PublicKey;

constexpr std::size_t kMaxManifestBytes = std::size_t{64} << 20U;
constexpr char kManifest[] = "/manifest.jsonl";
constexpr std::string_view kSignedFor = "holdfast/backup/1";
constexpr std::string_view kSignatureOpens = "{\"signature\":\"";
constexpr std::string_view kSignatureCloses = "\"}\n";

std::string SignedBytes(std::string_view line) {
  std::string bytes(kSignedFor);
  bytes.push_back('\0');
  bytes += line;
  return bytes;
}

}  // namespace

std::string JournalOf(const std::string& folder) {
  return folder + "/journal";
}

std::string PublicKeyOf(const std::string& folder) {
  return folder + "/key.pub";
}

std::string PathOf(const std::string& folder, const v1::File& file) {
  return absl::StrCat(folder, "/files/", file.sha256());
}

absl::Status Claim(const std::string& folder, const Ed25519PrivateKey& key) {
  RETURN_IF_ERROR(MakeFolder(folder));
  const std::string key_path = PublicKeyOf(folder);
  const absl::StatusOr<std::unique_ptr<const Ed25519PublicKey>> own = ReadPublicKey(key_path);
  if (own.ok()) {
    if ((*own)->Fingerprint() == key.public_key().Fingerprint()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "the backup in ", folder, " is signed by the key ", (*own)->Fingerprint(), ", not by ",
        key.public_key().Fingerprint(), ": give that key, or another folder"));
  }
  if (!absl::IsNotFound(own.status())) return own.status();
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(kDraftSuffix) || name == "lost+found") continue;
    return absl::FailedPreconditionError(absl::StrCat("the folder ", folder,
                                                      " holds other things (", name,
                                                      ") and no backup: give an empty folder"));
  }
  return WriteDurably(key_path, key.public_key().Pem(), DurableFile::Existing::kKept);
}

absl::Status WriteManifest(const std::string& folder, const Ed25519PrivateKey& key,
                           const v1::Manifest& manifest) {
  pb::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  std::string text;
  if (!pb::util::MessageToJsonString(manifest, &text, json).ok())
    return absl::InternalError("the manifest has no JSON form");
  text.push_back('\n');
  const std::string signature = ToHex(key.Sign(SignedBytes(text)));
  text += kSignatureOpens;
  text += signature;
  text += kSignatureCloses;
  return WriteDurably(folder + kManifest, text, DurableFile::Existing::kReplaced);
}

absl::StatusOr<v1::Manifest> ReadManifest(const std::string& folder, const Ed25519PublicKey& key) {
  const std::string path = folder + kManifest;
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kMaxManifestBytes);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        absl::StrCat("the folder ", folder,
                     " holds no finished backup: it has no manifest.jsonl. "
                     "Give holdfast backup create again, or let the archiver "
                     "come to its end"));
  }
  RETURN_IF_ERROR(text.status());
  const std::string_view all = *text;
  const std::string_view line = all.substr(0, all.find('\n') + 1);
  std::string_view rest = all.substr(line.size());
  std::optional<std::string> signature;
  if (rest.starts_with(kSignatureOpens) && rest.ends_with(kSignatureCloses)) {
    rest.remove_prefix(kSignatureOpens.size());
    const std::string_view hex = rest.substr(0, rest.size() - kSignatureCloses.size());
    signature = FromHex(hex);
    // Either case is read; only one was written.
    if (signature && ToHex(*signature) != hex) signature.reset();
  }
  if (!signature || !key.Verify(SignedBytes(line), *signature)) {
    return absl::DataLossError(absl::StrCat("the manifest ", path, " is not signed by the key ",
                                            key.Fingerprint(),
                                            ": it is foreign, or it is damaged"));
  }
  v1::Manifest manifest;
  if (!pb::util::JsonStringToMessage(std::string(line), &manifest).ok() ||
      manifest.format() != kManifestFormat) {
    return absl::DataLossError(absl::StrCat(
        "the manifest ", path, " cannot be read: use the version of holdfast that wrote it"));
  }
  return manifest;
}

absl::StatusOr<v1::File> KeepFile(const std::string& folder, const std::string& from,
                                  const std::string& path) {
  v1::File file;
  file.set_path(path);
  ASSIGN_OR_RETURN(*file.mutable_sha256(), DigestOfFile(from));
  RETURN_IF_ERROR(MakeFolder(absl::StrCat(folder, "/files")));
  const std::string to = PathOf(folder, file);
  std::error_code error;
  if (!fs::exists(to, error)) {
    ASSIGN_OR_RETURN(const std::string copied, CopyDurably(from, to));
    if (copied != file.sha256()) {
      fs::remove(to, error);
      return absl::AbortedError(absl::StrCat(from, " changed while it was copied: try again"));
    }
  }
  file.set_bytes(fs::file_size(to, error));
  return file;
}

void Record(const journal::AcceptanceFold& fold, v1::Partition& partition) {
  partition.set_next_offset(fold.state().next_offset);
  partition.set_digest(ToHex(AsBytes(fold.digest())));
  for (const auto& [tenant, head] : fold.heads()) {
    v1::Head& recorded = *partition.add_heads();
    recorded.set_tenant(tenant);
    recorded.set_seq(head.seq);
    recorded.set_hash(ToHex(AsBytes(head.hash)));
    recorded.set_receiving(head.receiving);
  }
  std::sort(partition.mutable_heads()->begin(), partition.mutable_heads()->end(),
            [](const v1::Head& a, const v1::Head& b) { return a.tenant() < b.tenant(); });
}

std::string NameOf(const v1::Partition& partition) {
  return absl::StrCat(partition.context(), "/", partition.partition());
}

std::string NameOf(const journal::PartitionId& partition) {
  return absl::StrCat(partition.context, "/", partition.partition);
}

journal::PartitionId IdOf(const v1::Partition& partition) {
  return {partition.context(), partition.partition()};
}

}  // namespace holdfast::archive
