// The counts that a measure is made of, read from the tallies: by month, area and category, with
// how complete each month is. Missing is not zero.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {

type::v1::Month ToMonth(absl::CivilMonth month);
absl::CivilMonth FromMonth(const type::v1::Month& month);
type::v1::Day ToDay(absl::CivilDay day);
// Days of a month.
int DaysOf(absl::CivilMonth month);

// What is asked: a measure as it is defined, or one category as if it were a measure.
struct MeasureChoice {
  v1::MeasureVersion version;
  v1::MeasureDefinition definition;
};
// kNotFound for a measure that is not defined; INVALID_ARGUMENT where neither or both are named.
absl::StatusOr<MeasureChoice> ChooseMeasure(const readmodel::Reader& reader,
                                            const std::string& measure,
                                            const std::string& category);

// Which areas, of which set.
struct Areas {
  std::optional<type::v1::AreaSet> set;  // none: no area is asked for and no set is loaded
  std::string set_key = "all";
  std::vector<std::string> all;    // codes of the set, in byte order
  std::vector<std::string> codes;  // asked for, in byte order
  std::map<std::string, std::string> names;
  bool everything = false;  // no code was named

  v1::AreaRef Ref(const std::string& code) const;
  v1::AreaRef RefOfAll() const;
};
// kNotFound for a kind or vintage that is not loaded; INVALID_ARGUMENT naming the first unknown
// code.
absl::StatusOr<Areas> ChooseAreas(const readmodel::Reader& reader, const v1::AreaChoice& choice);

// The months of the datasets of a measure.
class Counts {
 public:
  static absl::StatusOr<Counts> Load(const readmodel::Reader& reader,
                                     const v1::MeasureDefinition& definition);

  // The first and last month that has an accepted extract; empty where there is none.
  std::optional<absl::CivilMonth> first() const { return first_; }
  std::optional<absl::CivilMonth> last() const { return last_; }
  v1::Completeness::Code completeness(absl::CivilMonth month) const;
  bool missing(absl::CivilMonth month) const {
    return completeness(month) == v1::Completeness::MISSING;
  }
  // Of these areas of a set: MISSING, too, where one of them has no data in the month (decision
  // 0010). `codes` null: as above.
  v1::Completeness::Code completeness(absl::CivilMonth month, std::string_view set_key,
                                      const std::vector<std::string>* codes) const;
  bool missing(absl::CivilMonth month, std::string_view set_key,
               const std::vector<std::string>* codes) const {
    return completeness(month, set_key, codes) == v1::Completeness::MISSING;
  }
  // Days that the month's data covers.
  int days(absl::CivilMonth month) const;
  // The extracts that count for the month.
  std::vector<v1::ExtractRef> extracts(absl::CivilMonth month) const;
  // Crimes of a category in some areas of a set; `codes` null: in every one and in none.
  std::int64_t count(absl::CivilMonth month, std::string_view set_key,
                     const std::vector<std::string>* codes, std::string_view category) const;
  // The categories that occur.
  std::vector<std::string> categories() const;
  // Crimes that lie in no area of the set, over the basket.
  std::int64_t unlocated(absl::CivilMonth month, std::string_view set_key,
                         const std::vector<std::string>& basket) const;

 private:
  // An area lies in the data of a month by its own row; where a count of none has no row, once any
  // crime of the data lay in it in any month.
  bool covers(absl::CivilMonth month, std::string_view set_key, const std::string& code) const;

  struct Dataset {
    std::string id;
    bool decides = false;  // without its extract a month has no data
    bool gives_zeros =
        false;  // has a row for a count of none, too: an area without a row has no data
    std::map<absl::CivilMonth, v1::MonthTallyRow> months;
  };
  std::vector<Dataset> datasets_;
  std::optional<absl::CivilMonth> first_;
  std::optional<absl::CivilMonth> last_;
};

// Months [from, to], both included, from the request or from the data. INVALID_ARGUMENT where the
// order is wrong, the months are none of a calendar, or more than 600.
absl::StatusOr<std::vector<absl::CivilMonth>> ChooseMonths(const Counts& counts,
                                                           const type::v1::Month* from,
                                                           const type::v1::Month* to);

}  // namespace holdfast::metrics
