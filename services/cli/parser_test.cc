#include "cli/parser.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/exit_code.h"
#include "cli/invocation.h"

namespace holdfast::cli {
namespace {

// Words of a command line as a shell splits them: blanks, single and double quotes.
std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> words(1);
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote == 0 && c == ' ') {
      words.emplace_back();
    } else {
      words.back().push_back(c);
    }
  }
  return words;
}

int Parse(const std::vector<std::string>& words, const Commands& commands, bool dry = true) {
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  return Run(static_cast<int>(argv.size()), argv.data(), commands, dry);
}

TEST(Commands, EveryExampleOfTheHelpIsACommandLineThatParses) {
  const Commands commands = AllCommands();
  for (const Command& command : commands) {
    SCOPED_TRACE(command.example);
    ASSERT_FALSE(command.example.empty()) << command.words;
    EXPECT_EQ(Parse(Split(command.example), commands), kDone);
  }
}

TEST(Commands, HaveWordsOfTheirOwnAndASummary) {
  std::set<std::string> words;
  for (const Command& command : AllCommands()) {
    EXPECT_TRUE(words.insert(command.words).second) << command.words;
    EXPECT_FALSE(command.summary.empty()) << command.words;
  }
}

TEST(Parser, AnswersAnUnknownWordOptionOrFormatWithExitTwo) {
  const Commands commands = AllCommands();
  EXPECT_EQ(Parse({"holdfast", "measure", "serie"}, commands), kUsage);
  EXPECT_EQ(Parse({"holdfast", "site", "list", "--nonsense"}, commands), kUsage);
  EXPECT_EQ(Parse({"holdfast", "site", "create"}, commands), kUsage) << "--name is required";
  EXPECT_EQ(Parse({"holdfast", "site", "list", "-o", "xml"}, commands), kUsage);
  EXPECT_EQ(Parse({"holdfast"}, commands), kUsage);
}

TEST(Parser, GivesTheCommandWhatWasGiven) {
  std::vector<std::string> seen;
  const Commands commands = {{"thing do",
                              "does it",
                              {{"WHAT", "what"}},
                              {{"--code", "C", "codes", false, true}, {"--loud", "", "loud"}},
                              "holdfast thing do x",
                              [&seen](Invocation& in) {
                                seen = in.GetAll("--code");
                                seen.push_back(in.Get("WHAT"));
                                seen.push_back(in.Has("--loud") ? "loud" : "quiet");
                                return absl::OkStatus();
                              }}};
  EXPECT_EQ(Parse({"holdfast", "thing", "do", "--code", "a,b", "--code", "c", "x", "--loud"},
                  commands, false),
            kDone);
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "c", "x", "loud"}));
}

TEST(Parser, PutsInTheWordThatAGroupLeavesOut) {
  std::string method;
  const Commands commands = {{"statistics evaluate",
                              "one",
                              {{"METHOD", ""}},
                              {},
                              "holdfast statistics rate",
                              [&method](Invocation& in) {
                                method = in.Get("METHOD");
                                return absl::OkStatus();
                              },
                              true}};
  EXPECT_EQ(Parse({"holdfast", "statistics", "rate"}, commands, false), kDone);
  EXPECT_EQ(method, "rate");
  EXPECT_EQ(Parse({"holdfast", "--tenant", "sandbox", "statistics", "ratio"}, commands, false),
            kDone);
  EXPECT_EQ(method, "ratio");
}

TEST(Commands, EvaluateAMethodByItsNameAlone) {
  EXPECT_EQ(Parse({"holdfast", "statistics", "poisson_ci", "{}"}, AllCommands()), kDone);
}

TEST(ExitCodes, TellConflictAbsenceRefusalAndUnavailabilityApart) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), kDone);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), kNotFound);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), kNotAllowed);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("")), kConflict);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), kUnavailable);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), kFailed);
  EXPECT_EQ(ExitCodeOf(UsageError("")), kUsage);
  EXPECT_EQ(ExitCodeOf(PartlyDone("")), kPartlyDone);
}

}  // namespace
}  // namespace holdfast::cli
