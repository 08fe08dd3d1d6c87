// The methods against known answers, and the severity scores of real places against their own
// totals.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/util/json_util.h"
#include "statistics/csv_records.h"
#include "statistics/methods.h"
#include "statistics/neumaier_sum.h"
#include "statistics/oracle_check.h"

namespace holdfast::statistics {
namespace {

const char kOracles[] = "../shared/data/statistics/oracles.csv";
const char kSeverity[] = "../shared/data/severity/ons_css_trafford_gm_england.csv";

std::string FileWith(const std::string& name, const std::string& text) {
  const std::string folder = ::testing::TempDir() + "/statistics_oracles";
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(Oracles, AreMetByEveryMethodThatIsBuilt) {
  if (!std::filesystem::exists(kOracles)) GTEST_SKIP() << "skipped: " << kOracles << " is absent";
  const auto outcomes = CheckOracles(kOracles);
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  ASSERT_GE(outcomes->size(), 38U);
  for (const OracleOutcome& outcome : *outcomes) {
    EXPECT_NE(outcome.verdict, Verdict::kFail)
        << outcome.id << " " << outcome.method << ": " << outcome.message;
    EXPECT_EQ(outcome.verdict == Verdict::kSkip,
              !NotYetBuilt().empty() && std::find(NotYetBuilt().begin(), NotYetBuilt().end(),
                                                  outcome.method) != NotYetBuilt().end())
        << outcome.id;
  }
}

TEST(Oracles, FailWhereTheAnswerIsFartherOffThanTheTolerance) {
  const std::string path =
      FileWith("wrong.csv",
               "id,method,input,expected,tolerance,source,verified\n"
               "A,poisson_z,\"{\"\"x0\"\":4,\"\"x1\"\":9}\",\"{\"\"z\"\":2.001}\",1e-2,here,P\n"
               "B,poisson_z,\"{\"\"x0\"\":4,\"\"x1\"\":9}\",\"{\"\"z\"\":2.001}\",1e-4,here,P\n"
               "C,poisson_z,\"{\"\"x0\"\":4,\"\"x1\"\":9}\",\"{\"\"none\"\":2}\",1,here,P\n"
               "D,poisson_y,{},{},exact,here,P\n"
               "E,poisson_z,\"{\"\"x0\"\":4}\",\"{\"\"z\"\":2}\",1,here,P\n"
               "F,rate,\"{\"\"x\"\":1,\"\"exposure\"\":0}\",\"{\"\"undefined\"\":\"\"ZERO_"
               "EXPOSURE\"\"}\",exact,here,P\n");
  const auto outcomes = CheckOracles(path);
  ASSERT_TRUE(outcomes.ok()) << outcomes.status();
  std::map<std::string, Verdict> verdicts;
  for (const OracleOutcome& outcome : *outcomes) verdicts[outcome.id] = outcome.verdict;
  EXPECT_EQ(verdicts, (std::map<std::string, Verdict>{{"A", Verdict::kPass},
                                                      {"B", Verdict::kFail},
                                                      {"C", Verdict::kFail},
                                                      {"D", Verdict::kFail},
                                                      {"E", Verdict::kFail},
                                                      {"F", Verdict::kPass}}));
  EXPECT_NEAR((*outcomes)[1].largest_deviation, 0.001, 1e-12);
  EXPECT_THAT((*outcomes)[4].message, ::testing::HasSubstr("x1"));
}

TEST(Oracles, AreRefusedAsAFileWhereAColumnIsMissing) {
  const auto outcomes = CheckOracles(FileWith("short.csv", "id,method,input,expected\nA,b,c,d\n"));
  EXPECT_EQ(outcomes.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(outcomes.status().message()), ::testing::HasSubstr("tolerance"));
  EXPECT_EQ(CheckOracles("no/such/file.csv").status().code(), absl::StatusCode::kNotFound);
}

TEST(CsvRecords, KeepQuotesCommasAndLineEndsInsideFields) {
  const auto records = ParseCsv(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x,\"\"y\"\"\nz\",\r\n");
  ASSERT_TRUE(records.ok());
  EXPECT_EQ(*records, (CsvRecords{{"a", "b"}, {"x,\"y\"\nz", ""}}));
}

TEST(CsvRecords, NameTheLineOfAQuoteThatIsNeverClosed) {
  const auto records = ParseCsv("a\nb\n\"c\nd");
  ASSERT_FALSE(records.ok());
  EXPECT_THAT(std::string(records.status().message()), ::testing::HasSubstr("line 3"));
}

TEST(SeverityGroups, OfRealPlacesSumToTheirTotal) {
  if (!std::filesystem::exists(kSeverity)) GTEST_SKIP() << "skipped: " << kSeverity << " is absent";
  const auto records = ReadCsvFile(kSeverity);
  ASSERT_TRUE(records.ok()) << records.status();
  std::map<std::string, NeumaierSum> groups;
  std::map<std::string, double> totals;
  for (std::size_t i = 1; i < records->size(); ++i) {
    const std::vector<std::string>& row = (*records)[i];
    ASSERT_GE(row.size(), 8U);
    if (row[4] != "Crime Severity Score" || row[5] != "Score") continue;
    const std::string key = row[0] + " " + row[2];
    if (row[7] == "Total recorded crime") {
      totals[key] = std::stod(row[3]);
    } else {
      groups[key].Add(std::stod(row[3]));
    }
  }
  ASSERT_GE(totals.size(), 10U);
  for (const auto& [key, total] : totals) EXPECT_NEAR(groups[key].Total(), total, 1e-12) << key;
}

TEST(Methods, AnswerJsonWithSortedKeys) {
  const auto answer = EvaluateJson("poisson_ci", R"({"interval":"garwood","x":0})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(*answer, ::testing::StartsWith("{\"lower\":0,\"upper\":3.6888794541139"));
}

TEST(Methods, AnswerSeveralCasesInTheirOrder) {
  const auto answer =
      EvaluateJson("percent_change", R"([{"x1":9,"x0":4},{"x1":1,"x0":0},{"x1":0,"x0":0}])");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer,
            R"([{"percent":125},{"undefined":"ZERO_BASELINE"},{"undefined":"NO_EVENTS"}])");
}

TEST(Methods, NameTheKeyThatIsMissingWrongOrUnknown) {
  const auto missing = EvaluateJson("rate", R"({"x":1})");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(missing.status().message()), ::testing::HasSubstr("exposure"));
  const auto wrong = EvaluateJson("rate", R"({"x":"one","exposure":1})");
  EXPECT_THAT(std::string(wrong.status().message()),
              ::testing::HasSubstr("x: give a whole number"));
  const auto unknown = EvaluateJson("rate", R"({"x":1,"exposure":1,"pre":100})");
  EXPECT_THAT(std::string(unknown.status().message()), ::testing::HasSubstr("pre"));
  EXPECT_EQ(EvaluateJson("rat", "{}").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(EvaluateJson("rate", "{").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(EvaluateJson("rate", "[1]").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Methods, DoNotReadFilesOutsideTheDataFolder) {
  for (const char* name : {"../oracles.csv", "/etc/passwd", ".hidden", ""}) {
    const auto answer = EvaluateJson(
        "knox",
        std::string(R"({"distance_edges":[0],"time_edges_days":[0],"data":")") + name + "\"}");
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

bool AllFinite(const google::protobuf::Value& value) {
  if (value.has_number_value()) return std::isfinite(value.number_value());
  for (const auto& element : value.list_value().values()) {
    if (!AllFinite(element)) return false;
  }
  for (const auto& [key, element] : value.struct_value().fields()) {
    if (!AllFinite(element)) return false;
  }
  return true;
}

// An object with every key that any method reads: numbers, pairs of numbers and rows of them.
google::protobuf::Struct Everything(const std::string& method, const std::string& number) {
  std::string json =
      R"({"rule":"OUTSIDE_LIMITS","metric":"MANHATTAN","statistic":"score","draws":20)";
  for (const char* key : {"x",
                          "n",
                          "x0",
                          "x1",
                          "n1",
                          "n2",
                          "x2",
                          "e0",
                          "e1",
                          "exposure",
                          "per",
                          "mean",
                          "count",
                          "windows",
                          "prior_mean",
                          "prior_sd",
                          "observed",
                          "lambda0",
                          "lambda1",
                          "fall_percent",
                          "crimes_in_area",
                          "crimes_total",
                          "area",
                          "area_total",
                          "k",
                          "h",
                          "target",
                          "sigma",
                          "baseline",
                          "population",
                          "population0",
                          "population1",
                          "deff",
                          "lower",
                          "upper"})
    json += std::string(",\"") + key + "\":" + number;
  if (method != "multiple.bh") json += ",\"p\":" + number;
  std::string list = "[";
  for (int i = 0; i < 14; ++i) list += (i % 2 == 0 ? number : "1") + (i < 13 ? "," : "]");
  const bool pairs = method.starts_with("wd") || method.starts_with("res") ||
                     method.starts_with("did") || method.starts_with("before");
  for (const char* key : {"values", "weights", "frequency", "responses", "treated", "control",
                          "displacement", "total", "counts0", "counts1", "y", "exposures"})
    json += std::string(",\"") + key + "\":" + (pairs ? "[" + number + "," + number + "]" : list);
  const std::string square = "[[" + number + "," + number + "],[1," + number + "]]";
  json += ",\"counts\":" + (method == "rank.severity" ? square : list);
  if (method == "multiple.bh") json += ",\"p\":[" + number + ",1]";
  json += ",\"first_month\":1,\"time_edges_days\":[0,1],\"row_margins\":[1," + number +
          "],\"column_margins\":[" + number + ",1],\"table\":" + square + ",\"x_rows\":" + square +
          ",\"offences\":[{\"treated\":[1," + number + "],\"control\":[" + number +
          ",1],\"weight\":" + number + "}]}";
  google::protobuf::Struct input;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &input).ok()) << json;
  return input;
}

TEST(Methods, NeverAnswerWhatIsNoNumberHoweverOddTheInput) {
  int answered = 0;
  for (const std::string_view method : MethodIds()) {
    for (const char* number : {"0", "1", "2.5", "-1", "1e308", "1e-308", "9007199254740992",
                               "9007199254740993000", "1e6", "null", "\"a\""}) {
      const auto answer =
          Evaluate(method, Everything(std::string(method), number), ".", UnknownKeys::kIgnored);
      if (!answer.ok()) {
        EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument)
            << method << " " << number << " " << answer.status();
        continue;
      }
      google::protobuf::Value value;
      *value.mutable_struct_value() = *answer;
      EXPECT_TRUE(AllFinite(value))
          << method << " of " << number << ": " << value.ShortDebugString();
      ++answered;
    }
  }
  EXPECT_GE(answered, 200);
}

}  // namespace
}  // namespace holdfast::statistics
