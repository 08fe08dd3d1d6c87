// docs/methods: every method has a page, and every example on a page still gives the answer that is
// printed there.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "google/protobuf/struct.pb.h"

#include "google/protobuf/util/json_util.h"
#include "statistics/methods.h"

namespace holdfast::statistics {
namespace {

const char kPages[] = "docs/methods";
constexpr std::string_view kPrompt = "$ holdfast statistics ";

std::vector<std::filesystem::path> Pages() {
  std::vector<std::filesystem::path> pages;
  for (const auto& entry : std::filesystem::directory_iterator(kPages))
    pages.push_back(entry.path());
  return pages;
}

std::string TextOf(const std::filesystem::path& page) {
  std::ostringstream text;
  text << std::ifstream(page).rdbuf();
  return text.str();
}

struct Example {
  std::string page;
  std::string method;
  std::string json;
  std::string printed;
};

// A line "$ holdfast statistics METHOD 'JSON'" and the line below it.
std::vector<Example> ExamplesOf(const std::filesystem::path& page) {
  std::vector<Example> examples;
  std::ifstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kPrompt)) continue;
    const std::size_t begin = line.find('\'');
    Example example{page.filename().string(),
                    line.substr(kPrompt.size(), begin - 1 - kPrompt.size()),
                    line.substr(begin + 1, line.rfind('\'') - begin - 1), ""};
    std::getline(lines, example.printed);
    examples.push_back(example);
  }
  return examples;
}

// Equal but for the last digits, in which compilers and their libraries differ.
bool Alike(const google::protobuf::Value& left, const google::protobuf::Value& right) {
  if (left.kind_case() != right.kind_case()) return false;
  if (left.has_number_value()) {
    const double apart = std::abs(left.number_value() - right.number_value());
    return apart <= 1e-9 * std::max(1.0, std::abs(left.number_value()));
  }
  if (left.has_list_value()) {
    const auto& ours = left.list_value().values();
    const auto& theirs = right.list_value().values();
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), Alike);
  }
  if (!left.has_struct_value())
    return left.string_value() == right.string_value() && left.bool_value() == right.bool_value();
  const auto& ours = left.struct_value().fields();
  const auto& theirs = right.struct_value().fields();
  return ours.size() == theirs.size() &&
         std::all_of(ours.begin(), ours.end(), [&theirs](const auto& field) {
           const auto found = theirs.find(field.first);
           return found != theirs.end() && Alike(field.second, found->second);
         });
}

TEST(MethodPages, PrintWhatTheMethodsAnswer) {
  int examples = 0;
  for (const std::filesystem::path& page : Pages()) {
    for (const Example& example : ExamplesOf(page)) {
      const auto answer = EvaluateJson(example.method, example.json);
      ASSERT_TRUE(answer.ok()) << example.page << ": " << example.method << ": " << answer.status();
      google::protobuf::Value printed;
      google::protobuf::Value answered;
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(example.printed, &printed).ok())
          << example.page << ": " << example.method;
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(*answer, &answered).ok());
      EXPECT_TRUE(Alike(printed, answered))
          << example.page << ": " << example.method << " answers " << *answer;
      ++examples;
    }
  }
  EXPECT_GE(examples, 40);
}

TEST(MethodPages, DescribeEveryMethod) {
  std::string headings;
  for (const std::filesystem::path& page : Pages()) {
    std::istringstream lines(TextOf(page));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("## ")) headings += line + " ";
    }
  }
  for (const std::string_view method : MethodIds()) {
    const std::size_t at = headings.find(method);
    EXPECT_NE(at, std::string::npos) << method << " has no heading on a page of " << kPages;
  }
}

}  // namespace
}  // namespace holdfast::statistics
