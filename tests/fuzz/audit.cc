#include <memory>
#include <sstream>
#include <string>

#include "base/check.h"
#include "security/audit_bundle.h"
#include "security/checkpoint.h"
#include "targets.h"

namespace holdfast::fuzz {

// As a checkpoint, and as a bundle: nobody outside has the log's key, so nothing is proved.
void Audit(std::string_view bytes) {
  static const auto& key = *new std::unique_ptr<const security::Ed25519PrivateKey>(
      security::Ed25519PrivateKey::Generate());
  const security::NoteKey log{"example/audit/westmoor", &key->public_key()};
  if (const auto note = security::ParseCheckpoint(bytes); note.ok()) {
    HOLDFAST_CHECK(security::FormatCheckpoint(*note) == bytes);
    HOLDFAST_CHECK(!security::IsSignedBy(*note, log));
    HOLDFAST_CHECK(!security::CosignedBy(*note, log));
  }
  for (const bool whole : {true, false}) {
    std::istringstream in((whole ? "" : "holdfast-audit-bundle/1\n") + std::string(bytes));
    const auto verdict = security::VerifyBundle(in, {&key->public_key(), {log}});
    HOLDFAST_CHECK(!verdict.ok() || !verdict->holds());
  }
}

}  // namespace holdfast::fuzz
