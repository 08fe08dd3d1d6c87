#include "cli/receipts.h"

#include <string>

#include "holdfast/initiative/v1/site.pb.h"
#include "holdfast/options/v1/options.pb.h"

#include "absl/strings/str_cat.h"
#include "cli/invocation.h"
#include "cli/progress.h"

namespace holdfast::cli {

std::string IdOf(const type::v1::Receipt& receipt) {
  return receipt.stream().substr(receipt.stream().find('/') + 1);
}

absl::Status PrintReceipt(Invocation& in, const type::v1::Receipt& receipt) {
  for (const std::string& warning : receipt.warnings()) {
    const auto* value = initiative::v1::Warning::Code_descriptor()->FindValueByName(warning);
    const std::string sentence =
        value == nullptr ? "" : value->options().GetExtension(options::v1::sentence);
    Say(absl::StrCat("warning: ", warning, sentence.empty() ? "" : ": ", sentence));
  }
  if (receipt.already_so()) Say("It is so already: nothing was written.");
  if (receipt.repeated()) Say("This was asked before: here is the first receipt.");
  Rows rows{
      {"id", "stream", "version", "context", "position"}, {}, {false, false, true, false, true}};
  rows.rows.push_back({IdOf(receipt), receipt.stream(), absl::StrCat(receipt.version()),
                       receipt.position().context(), absl::StrCat(receipt.position().seq())});
  return in.output().Print(receipt, rows);
}

}  // namespace holdfast::cli
