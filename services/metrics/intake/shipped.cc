#include "metrics/intake/shipped.h"

#include <array>
#include <string>

namespace holdfast::metrics {
namespace {

constexpr std::string_view kAsb = "anti-social-behaviour";

struct Category {
  std::string_view slug;
  std::string_view title;
  std::string_view plain;
  bool found_by_work = false;  // more of it is expected while the police clear
};

constexpr std::array<Category, 14> kCategories = {{
    {"anti-social-behaviour", "Anti-social behaviour", "Reports of anti-social behaviour", true},
    {"bicycle-theft", "Bicycle theft", "Bicycles stolen"},
    {"burglary", "Burglary", "Homes and businesses broken into"},
    {"criminal-damage-arson", "Criminal damage and arson", "Property damaged or set on fire"},
    {"drugs", "Drugs", "Drug offences found", true},
    {"other-crime", "Other crime", "Other crime"},
    {"other-theft", "Other theft", "Other things stolen"},
    {"possession-of-weapons", "Possession of weapons", "Weapons found", true},
    {"public-order", "Public order", "Disorder in public"},
    {"robbery", "Robbery", "People robbed"},
    {"shoplifting", "Shoplifting", "Thefts from shops"},
    {"theft-from-the-person", "Theft from the person", "Things stolen from people"},
    {"vehicle-crime", "Vehicle crime", "Vehicles stolen or broken into"},
    {"violent-crime", "Violence and sexual offences", "Violence and sexual offences"},
}};

void Expect(v1::MeasureDefinition& definition, std::string_view phase,
            v1::Measure::Direction direction) {
  v1::Measure::Expected& expected = *definition.add_expected();
  expected.set_phase(std::string(phase));
  expected.set_direction(direction);
}

v1::DefineMeasure Define(std::string_view id, std::string_view title, std::string_view plain) {
  v1::DefineMeasure define;
  define.set_measure_id(std::string(id));
  v1::MeasureDefinition& definition = *define.mutable_definition();
  definition.set_title(std::string(title));
  definition.set_plain_title(std::string(plain));
  definition.set_family(v1::Measure::THREAT);
  definition.set_kind(v1::Measure::OUTCOME);
  definition.set_unit(v1::Measure::COUNT);
  definition.set_polarity(v1::Measure::LOWER_IS_BETTER);
  definition.set_agency("police");
  return define;
}

void AddAllButAsb(v1::MeasureDefinition& definition) {
  for (const Category& category : kCategories) {
    if (category.slug != kAsb) definition.add_basket(std::string(category.slug));
  }
}

}  // namespace

std::vector<v1::DefineMeasure> ShippedMeasures() {
  std::vector<v1::DefineMeasure> measures;
  v1::DefineMeasure severity =
      Define("severity", "Severity of recorded crime", "How much harm recorded crime does");
  severity.mutable_definition()->set_unit(v1::Measure::SEVERITY);
  severity.mutable_definition()->set_weight_set("weights");
  AddAllButAsb(*severity.mutable_definition());
  Expect(*severity.mutable_definition(), "CLEAR", v1::Measure::EITHER);
  Expect(*severity.mutable_definition(), "HOLD", v1::Measure::DOWN);
  measures.push_back(std::move(severity));

  v1::DefineMeasure crime = Define("crime", "Recorded crime", "Crimes recorded");
  AddAllButAsb(*crime.mutable_definition());
  Expect(*crime.mutable_definition(), "CLEAR", v1::Measure::EITHER);
  Expect(*crime.mutable_definition(), "HOLD", v1::Measure::DOWN);
  measures.push_back(std::move(crime));

  for (const Category& category : kCategories) {
    v1::DefineMeasure measure = Define(category.slug, category.title, category.plain);
    v1::MeasureDefinition& definition = *measure.mutable_definition();
    definition.add_basket(std::string(category.slug));
    if (category.found_by_work) {
      definition.set_polarity(v1::Measure::AMBIGUOUS);
      Expect(definition, "CLEAR", v1::Measure::UP);
      Expect(definition, "HOLD", v1::Measure::EITHER);
    } else {
      Expect(definition, "CLEAR", v1::Measure::EITHER);
      Expect(definition, "HOLD", v1::Measure::DOWN);
    }
    measures.push_back(std::move(measure));
  }
  return measures;
}

}  // namespace holdfast::metrics
