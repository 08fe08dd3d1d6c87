#include "cli/parser.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "google/rpc/error.pb.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/error.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "ingest/nearest_name.h"

namespace holdfast::cli {
namespace {

struct Global {
  SessionOptions session;
  std::string format = "table";
  double timeout_s = 60;
};

// What CLI11 filled in for one command, by the name of option or positional.
struct Parsed {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string, std::vector<std::string>, std::less<>> lists;
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, bool, std::less<>> flags;
  std::map<std::string, CLI::Option*, std::less<>> options;
};

void AddGlobals(CLI::App& app, Global& global) {
  app.add_option("--tenant", global.session.tenant,
                 "Whose data: the tenant's slug (default westmoor)");
  app.add_option("--as", global.session.as, "Whom to be in the demonstration (default trial)");
  app.add_option("--address", global.session.address,
                 "Where the services are (default 127.0.0.1:8081)");
  app.add_option("--data", global.session.data,
                 "The data folder whose running platform is meant (default .data)");
  app.add_option("--purpose", global.session.purpose,
                 "What it is for, where personal data is opened: PARTNERSHIP, LAW_ENFORCEMENT …");
  app.add_option("--justification", global.session.justification,
                 "And why, in words, where the purpose alone is not enough");
  app.add_option("-o,--output", global.format, "table, json, jsonl, csv (and html for reports)");
  app.add_option("--timeout", global.timeout_s, "Seconds to wait for an answer (default 60)")
      ->check(CLI::Range(0.1, 86400.0));
}

CLI::Option* AddValue(CLI::App& app, const std::string& name, const std::string& help,
                      bool repeated, Parsed& parsed) {
  CLI::Option* added = nullptr;
  if (repeated) {
    added = app.add_option(name, parsed.lists[name], help);
    added->expected(1)->allow_extra_args(false)->multi_option_policy(
        CLI::MultiOptionPolicy::TakeAll);
  } else {
    added = app.add_option(name, parsed.texts[name], help);
    added->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
  parsed.options[name] = added;
  return added;
}

void AddArguments(CLI::App& app, const Command& command, Parsed& parsed) {
  for (const Positional& positional : command.positionals) {
    AddValue(app, positional.name, positional.help, positional.repeated, parsed)
        ->required(positional.required);
  }
  for (const Option& option : command.options) {
    if (option.value.empty()) {
      app.add_flag(option.name, parsed.flags[option.name], option.help);
    } else {
      AddValue(app, option.name, option.help, option.repeated, parsed)
          ->required(option.required)
          ->type_name(option.value);
    }
  }
}

std::map<std::string, std::vector<std::string>, std::less<>> GivenOf(const Parsed& parsed) {
  std::map<std::string, std::vector<std::string>, std::less<>> given;
  for (const auto& [name, option] : parsed.options) {
    if (option->count() == 0) continue;
    const auto list = parsed.lists.find(name);
    given[name] = list != parsed.lists.end()
                      ? list->second
                      : std::vector<std::string>{parsed.texts.find(name)->second};
  }
  for (const auto& [name, set] : parsed.flags) {
    if (set) given[name] = {"true"};
  }
  return given;
}

// "measure series" hangs below "measure", which is made where it is not there yet.
CLI::App* SubcommandFor(CLI::App& root, const Command& command) {
  CLI::App* at = &root;
  const std::vector<std::string> words = absl::StrSplit(command.words, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    CLI::App* next = nullptr;
    for (CLI::App* known : at->get_subcommands([](CLI::App*) { return true; })) {
      if (known->get_name() == words[i]) next = known;
    }
    if (next == nullptr)
      next = at->add_subcommand(words[i], i + 1 == words.size() ? command.summary : "");
    next->fallthrough();
    at = next;
  }
  return at;
}

// "  GATE_NOT_PASSED (phase): lro-trained: nothing is recorded." What the sentence above has said
// is not said again.
std::string ReasonLine(const google::rpc::ErrorInfo& info, absl::string_view above) {
  std::string field;
  std::string rule;
  std::string sentence;
  std::vector<std::string> rest;
  for (const auto& [key, value] : info.metadata()) {
    if (key == "field") {
      field = value;
    } else if (key == "rule") {
      rule = value;
    } else if (key == "sentence") {
      sentence = value;
    } else {
      rest.push_back(absl::StrCat(key, " ", value));
    }
  }
  std::sort(rest.begin(), rest.end());
  if (!rule.empty()) rest.insert(rest.begin(), rule);
  std::string line = absl::StrCat("  ", info.reason());
  if (!field.empty()) absl::StrAppend(&line, " (", field, ")");
  if (!rest.empty()) absl::StrAppend(&line, ": ", absl::StrJoin(rest, "; "));
  if (!sentence.empty() && sentence != above) absl::StrAppend(&line, ". ", sentence);
  return line;
}

// Those that the message above does not say already.
void SayViolations(const google::rpc::BadRequest& bad, absl::string_view above) {
  for (const auto& violation : bad.field_violations()) {
    const std::string said = absl::StrCat(violation.field(), " ", violation.description());
    if (!absl::StrContains(above, said)) Say("  " + said);
  }
}

// The sentences under an error: fields, what to do, when to try again.
void PrintError(const absl::Status& status) {
  Say(absl::StrCat("holdfast: ", std::string(status.message())));
  status.ForEachPayload([&status](absl::string_view type, const absl::Cord& payload) {
    const std::string bytes(payload);
    google::rpc::BadRequest bad;
    google::rpc::ErrorInfo info;
    if (absl::StrContains(type, "BadRequest") && bad.ParseFromString(bytes)) {
      SayViolations(bad, status.message());
    } else if (absl::StrContains(type, "ErrorInfo") && info.ParseFromString(bytes)) {
      if (!info.metadata().empty()) Say(ReasonLine(info, status.message()));
      if (info.reason() == "PURPOSE_REQUIRED")
        Say("  Here: --purpose CODE, such as --purpose PARTNERSHIP; or set HOLDFAST_PURPOSE.");
    } else if (absl::StrContains(type, "RetryInfo")) {
      Say("  Try again in a moment.");
    }
  });
}

// Where the command begins: options of the whole program may stand before it.
std::size_t AfterGlobals(const std::vector<std::string>& words) {
  std::size_t at = 1;
  while (at < words.size() && words[at].starts_with('-')) {
    const bool with_value =
        words[at] == "-o" || words[at] == "--output" || words[at] == "--tenant" ||
        words[at] == "--as" || words[at] == "--address" || words[at] == "--data" ||
        words[at] == "--timeout" || words[at] == "--purpose" || words[at] == "--justification";
    at += with_value ? 2 : 1;
  }
  return at;
}

// The words that were meant, where some were not known.
std::string DidYouMean(const Commands& commands, int argc, const char* const* argv) {
  const std::vector<std::string> given(argv, argv + argc);
  std::string words;
  for (std::size_t at = AfterGlobals(given); at < given.size() && !given[at].starts_with('-'); ++at)
    absl::StrAppend(&words, words.empty() ? "" : " ", given[at]);
  std::vector<std::string_view> known;
  for (const Command& command : commands) known.emplace_back(command.words);
  const std::string_view nearest = ingest::NearestName(words, known);
  return nearest.empty() ? "" : absl::StrCat(" Did you mean: holdfast ", std::string(nearest), "?");
}

// Puts in the word that a group leaves out (Command::otherwise).
std::vector<std::string> Completed(const Commands& commands, int argc, const char* const* argv) {
  std::vector<std::string> words(argv, argv + argc);
  const std::size_t at = AfterGlobals(words);
  if (at + 1 >= words.size() || words[at + 1].starts_with('-')) return words;
  const Command* fallback = nullptr;
  for (const Command& command : commands) {
    const std::vector<std::string> own = absl::StrSplit(command.words, ' ');
    if (own.size() != 2 || own[0] != words[at]) continue;
    if (own[1] == words[at + 1]) return words;
    if (command.otherwise) fallback = &command;
  }
  if (fallback != nullptr) {
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                 fallback->words.substr(fallback->words.find(' ') + 1));
  }
  return words;
}

absl::Status RunParsed(const Parsed& parsed, const Global& global, bool dry) {
  Format format = Format::kTable;
  if (!ParseFormat(global.format, format)) {
    return UsageError("--output must be table, json, jsonl, csv or html.");
  }
  if (dry) return absl::OkStatus();
  SessionOptions session = global.session;
  session.timeout = absl::Seconds(global.timeout_s);
  Invocation invocation(GivenOf(parsed), std::move(session), Output(format));
  return parsed.command->run(invocation);
}

}  // namespace

int Run(int argc, const char* const* argv, const Commands& commands, bool dry) {
  CLI::App root("holdfast: the record and the picture of clear, hold, build", "holdfast");
  root.require_subcommand(1);
  root.fallthrough();
  Global global;
  AddGlobals(root, global);
  std::vector<std::unique_ptr<Parsed>> all;
  for (const Command& command : commands) {
    auto parsed = std::make_unique<Parsed>();
    parsed->command = &command;
    parsed->app = SubcommandFor(root, command);
    parsed->app->description(command.summary);
    if (!command.example.empty()) parsed->app->footer("Example:\n  " + command.example);
    AddArguments(*parsed->app, command, *parsed);
    all.push_back(std::move(parsed));
  }
  // CLI11 takes its words from the back.
  std::vector<std::string> words = Completed(commands, argc, argv);
  words.erase(words.begin());
  std::reverse(words.begin(), words.end());
  try {
    root.parse(words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return root.exit(error);
    Say(absl::StrCat("holdfast: ", error.what(), ".", DidYouMean(commands, argc, argv)));
    Say("  See: holdfast --help");
    return kUsage;
  }
  for (const auto& parsed : all) {
    if (!parsed->app->parsed() || !parsed->app->get_subcommands().empty()) continue;
    const absl::Status status = RunParsed(*parsed, global, dry);
    if (!status.ok()) PrintError(status);
    return ExitCodeOf(status);
  }
  Say(absl::StrCat("holdfast: this needs one more word.", DidYouMean(commands, argc, argv)));
  Say("  See: holdfast --help");
  return kUsage;
}

}  // namespace holdfast::cli
