#include "statistics/oracle_check.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "google/protobuf/struct.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "statistics/csv_records.h"
#include "statistics/methods.h"

namespace holdfast::statistics {
namespace {

using google::protobuf::Value;

// Compares an answer with what is expected of it; notes the first difference and the largest
// deviation.
class Comparison {
 public:
  Comparison(double tolerance, OracleOutcome& outcome) : tolerance_(tolerance), outcome_(outcome) {}

  void Compare(const Value& expected, const Value& answered, const std::string& where) {
    if (expected.has_number_value() && answered.has_number_value()) {
      CompareNumbers(expected.number_value(), answered.number_value(), where);
    } else if (expected.has_struct_value() && answered.has_struct_value()) {
      CompareObjects(expected, answered, where);
    } else if (expected.has_list_value() && answered.has_list_value()) {
      CompareLists(expected, answered, where);
    } else if (expected.kind_case() != answered.kind_case() ||
               expected.string_value() != answered.string_value() ||
               expected.bool_value() != answered.bool_value()) {
      Note(absl::StrCat(where, ": expected ", Print(expected), ", answered ", Print(answered)));
    }
  }

  void Note(const std::string& difference) {
    if (outcome_.message.empty()) outcome_.message = difference;
  }

 private:
  static std::string Print(const Value& value) {
    std::string json;
    if (!google::protobuf::util::MessageToJsonString(value, &json).ok()) return "nothing";
    return json.size() > 80 ? absl::StrCat(json.substr(0, 77), "...") : json;
  }

  void CompareNumbers(double expected, double answered, const std::string& where) {
    const double apart = std::abs(expected - answered);
    outcome_.largest_deviation = std::max(outcome_.largest_deviation, apart);
    if (!(apart <= tolerance_))
      Note(absl::StrCat(where, ": expected ", expected, ", answered ", answered, ", apart by ",
                        apart));
  }

  // Expected keys only: an answer may say more.
  void CompareObjects(const Value& expected, const Value& answered, const std::string& where) {
    const auto& given = answered.struct_value().fields();
    const std::map<std::string, Value> sorted(expected.struct_value().fields().begin(),
                                              expected.struct_value().fields().end());
    for (const auto& [key, value] : sorted) {
      const auto found = given.find(key);
      if (found == given.end()) {
        const auto why = given.find("undefined");
        Note(absl::StrCat(
            where, ".", key, ": not answered",
            why == given.end() ? "" : absl::StrCat(", undefined: ", why->second.string_value())));
      } else {
        Compare(value, found->second, absl::StrCat(where, ".", key));
      }
    }
  }

  void CompareLists(const Value& expected, const Value& answered, const std::string& where) {
    const auto& wanted = expected.list_value().values();
    const auto& given = answered.list_value().values();
    if (wanted.size() != given.size()) {
      Note(absl::StrCat(where, ": expected ", wanted.size(), " elements, answered ", given.size()));
      return;
    }
    for (int i = 0; i < wanted.size(); ++i)
      Compare(wanted[i], given[i], absl::StrCat(where, "[", i, "]"));
  }

  double tolerance_;
  OracleOutcome& outcome_;
};

struct Row {
  std::string id;
  std::string method;
  std::string input;
  std::string expected;
  std::string tolerance;
};

std::vector<Value> CasesOf(const Value& value) {
  if (!value.has_list_value()) return {value};
  return {value.list_value().values().begin(), value.list_value().values().end()};
}

absl::Status Check(const Row& row, const std::string& data_dir, OracleOutcome& outcome) {
  double tolerance = 0;
  if (row.tolerance != "exact" &&
      (!absl::SimpleAtod(row.tolerance, &tolerance) || !(tolerance >= 0)))
    return absl::InvalidArgumentError("tolerance: give a number or exact");
  Value input;
  Value expected;
  if (!google::protobuf::util::JsonStringToMessage(row.input, &input).ok())
    return absl::InvalidArgumentError("input: no JSON");
  if (!google::protobuf::util::JsonStringToMessage(row.expected, &expected).ok())
    return absl::InvalidArgumentError("expected: no JSON");
  const std::vector<Value> cases = CasesOf(input);
  const std::vector<Value> answers = CasesOf(expected);
  if (cases.size() != answers.size())
    return absl::InvalidArgumentError("input and expected have not as many cases");
  Comparison comparison(tolerance, outcome);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].has_struct_value())
      return absl::InvalidArgumentError("input: each case is an object");
    Value answer;
    ASSIGN_OR_RETURN(*answer.mutable_struct_value(), Evaluate(row.method, cases[i].struct_value(),
                                                              data_dir, UnknownKeys::kIgnored));
    comparison.Compare(answers[i], answer,
                       cases.size() == 1 ? "answer" : absl::StrCat("case ", i + 1));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Row>> RowsOf(const CsvRecords& records) {
  static constexpr std::string Row::*kFields[] = {&Row::id, &Row::method, &Row::input,
                                                  &Row::expected, &Row::tolerance};
  static constexpr const char* kColumns[] = {"id", "method", "input", "expected", "tolerance"};
  if (records.empty()) return absl::InvalidArgumentError("the file is empty");
  const std::vector<std::string>& header = records.front();
  std::vector<Row> rows(records.size() - 1);
  for (std::size_t column = 0; column < std::size(kColumns); ++column) {
    const auto at = std::find(header.begin(), header.end(), kColumns[column]) - header.begin();
    if (at == std::ssize(header))
      return absl::InvalidArgumentError(
          absl::StrCat("the column ", kColumns[column], " is missing"));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (std::ssize(records[i + 1]) <= at)
        return absl::InvalidArgumentError(absl::StrCat("record ", i + 2, " has too few fields"));
      rows[i].*kFields[column] = records[i + 1][static_cast<std::size_t>(at)];
    }
  }
  return rows;
}

}  // namespace

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "pass";
    case Verdict::kFail:
      return "fail";
    case Verdict::kSkip:
      return "skip";
  }
  return "";
}

absl::StatusOr<std::vector<OracleOutcome>> CheckOracles(const std::string& csv_path,
                                                        const std::string& data_dir) {
  ASSIGN_OR_RETURN(const CsvRecords records, ReadCsvFile(csv_path));
  absl::StatusOr<std::vector<Row>> rows = RowsOf(records);
  if (!rows.ok()) return WithContext(rows.status(), csv_path);
  const std::size_t slash = csv_path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : csv_path.substr(0, slash + 1);
  std::vector<OracleOutcome> outcomes;
  for (const Row& row : *rows) {
    OracleOutcome outcome;
    outcome.id = row.id;
    outcome.method = row.method;
    const absl::Status status = Check(row, data_dir.empty() ? folder : data_dir, outcome);
    if (absl::IsUnimplemented(status)) {
      outcome.verdict = Verdict::kSkip;
      outcome.message = std::string(status.message());
    } else if (!status.ok()) {
      outcome.message = std::string(status.message());
    } else if (outcome.message.empty()) {
      outcome.verdict = Verdict::kPass;
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace holdfast::statistics
