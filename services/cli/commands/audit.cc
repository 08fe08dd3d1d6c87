// audit verify: a bundle of the audit log, offline.
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "archive/key_file.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "security/audit_bundle.h"

namespace holdfast::cli {
namespace {

using Key = std::shared_ptr<const security::Ed25519PublicKey>;

struct Witness {
  std::string name;
  Key key;
};

absl::StatusOr<std::vector<Witness>> WitnessesOf(const Invocation& in) {
  std::vector<Witness> witnesses;
  for (const std::string& given : in.GetAll("--witness")) {
    const std::size_t at = given.find('=');
    if (at == std::string::npos || at == 0) {
      return UsageError("--witness wants a name and a file, such as eastvale/witness=eastvale.pub");
    }
    ASSIGN_OR_RETURN(Key key, archive::ReadPublicKey(given.substr(at + 1)));
    witnesses.push_back({given.substr(0, at), std::move(key)});
  }
  return witnesses;
}

absl::Status Verify(Invocation& in) {
  ASSIGN_OR_RETURN(const Key key, archive::ReadPublicKey(in.Get("--key")));
  ASSIGN_OR_RETURN(const std::vector<Witness> witnesses, WitnessesOf(in));
  security::BundleKeys keys{key.get(), {}};
  for (const Witness& witness : witnesses)
    keys.witnesses.push_back({witness.name, witness.key.get()});
  std::ifstream bundle(in.Get("BUNDLE"), std::ios::binary);
  if (!bundle) return UsageError(absl::StrCat(in.Get("BUNDLE"), " cannot be read."));
  ASSIGN_OR_RETURN(const security::BundleVerdict verdict, security::VerifyBundle(bundle, keys));
  if (!verdict.holds()) {
    return absl::DataLossError(
        absl::StrCat(verdict.fault->Sentence(), "; before it records ", verdict.first, " to ",
                     verdict.proved, " (not included) are as ", verdict.origin, " signed them"));
  }
  Say(absl::StrCat("records ", verdict.first, " to ", verdict.proved, " (not included) are as ",
                   verdict.origin, " signed them; witnesses: ",
                   verdict.witnesses.empty() ? "none" : absl::StrJoin(verdict.witnesses, ", ")));
  Rows rows{{"origin", "first", "next", "witnesses"}, {}, {false, true, true, true}};
  rows.rows.push_back({verdict.origin, absl::StrCat(verdict.first), absl::StrCat(verdict.proved),
                       absl::StrCat(verdict.witnesses.size())});
  return in.output().Print(rows);
}

}  // namespace

Commands AuditCommands() {
  return {
      {"audit verify",
       "Check a stretch of the audit log from its file alone, and name the first record that was "
       "altered, left out, added or moved",
       {{"BUNDLE", "The file, as it was exported"}},
       {{"--key", "FILE", "The public key of the log", true},
        {"--witness", "NAME=FILE", "A witness that should have signed too, and its public key",
         false, true}},
       "holdfast audit verify westmoor.audit --key westmoor-log.pub "
       "--witness eastvale/witness=eastvale.pub",
       Verify},
  };
}

}  // namespace holdfast::cli
