#include "app/journal_folder.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace holdfast::app {
namespace {

std::string JournalOf(const std::string& data) {
  return data + "/journal";
}

}  // namespace

absl::Status RequireJournal(const std::string& data) {
  std::error_code error;
  if (std::filesystem::is_directory(JournalOf(data), error)) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("There is no journal in the data folder ", data,
                                          ". Name another one with --data."));
}

absl::StatusOr<std::unique_ptr<journal::EmbeddedJournal>> OpenToRead(const std::string& data) {
  journal::EmbeddedJournalOptions options;
  options.folder = JournalOf(data);
  options.read_only = true;
  return journal::EmbeddedJournal::Open(options);
}

}  // namespace holdfast::app
