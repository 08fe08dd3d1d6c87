// What a folder of segments says of itself: the cuts, the heads and the files, in one file that is
// signed and replaced whole.
//
//   <folder>/key.pub             the public key; whoever has the private one can extend the folder
//   <folder>/manifest.jsonl      a line of JSON, and a line that signs it
//   <folder>/journal/<context>/<partition>/…   segments (segment_log.h)
//   <folder>/files/<sha256>      files, by their content
#pragma once

#include <string>

#include "holdfast/archive/v1/archive.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/acceptance.h"
#include "journal/journal.h"
#include "security/ed25519_key.h"

namespace holdfast::archive {

// The only one so far.
inline constexpr std::uint32_t kManifestFormat = 1;

// "<folder>/journal": the root of the segments.
std::string JournalOf(const std::string& folder);
// "<folder>/key.pub".
std::string PublicKeyOf(const std::string& folder);
// "<folder>/files/<sha256>".
std::string PathOf(const std::string& folder, const v1::File& file);

// Makes it the key's own: a folder that is empty, or that the key signed. kFailedPrecondition
// otherwise.
absl::Status Claim(const std::string& folder, const security::Ed25519PrivateKey& key);

absl::Status WriteManifest(const std::string& folder, const security::Ed25519PrivateKey& key,
                           const v1::Manifest& manifest);
// kNotFound where there is none yet; kDataLoss where it is damaged, or signed by another key.
absl::StatusOr<v1::Manifest> ReadManifest(const std::string& folder,
                                          const security::Ed25519PublicKey& key);

// Copies the file `from`, once, and says of it what the manifest says; `path`: where a restore puts
// it below a data folder. kAborted where it changes meanwhile.
absl::StatusOr<v1::File> KeepFile(const std::string& folder, const std::string& from,
                                  const std::string& path);

// What the fold came to, as a manifest says it. Heads in order of the tenants.
void Record(const journal::AcceptanceFold& fold, v1::Partition& partition);

// "initiative/3".
std::string NameOf(const v1::Partition& partition);
std::string NameOf(const journal::PartitionId& partition);
journal::PartitionId IdOf(const v1::Partition& partition);

}  // namespace holdfast::archive
