// geography import | list;  reference load | list
#include <string>
#include <utility>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"
#include "cli/upload.h"

namespace holdfast::cli {
namespace {

namespace v1 = metrics::v1;

std::string FileName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// "published: populations version 1, 17 rows", "joined: geography.ward.2013 version 2, 17 + 30
// rows".
std::string Outcome(const v1::ImportReferenceResponse& answer) {
  const bool joined = !answer.already_so() && answer.rows_before() > 0;
  std::string text = absl::StrCat(answer.already_so() ? "already there"
                                  : joined            ? "joined"
                                                      : "published",
                                  ": ", answer.set(), " version ", answer.version(), ", ");
  if (joined) absl::StrAppend(&text, answer.rows_before(), " + ");
  absl::StrAppend(&text, joined ? answer.rows_added() : answer.rows(), " rows");
  if (joined && answer.rows_added() < answer.rows()) {
    absl::StrAppend(&text, " (", answer.rows() - answer.rows_added(), " were there)");
  }
  if (answer.relocated() > 0) {
    absl::StrAppend(&text, "; ", answer.relocated(), " crimes placed in it");
  }
  return text;
}

absl::Status Loaded(Invocation& in, const v1::ImportReferenceResponse& answer) {
  Say(Outcome(answer));
  Rows rows{{"set", "version", "rows", "sha256", "already_so"}, {}, {false, true, true}};
  rows.rows.push_back({answer.set(), absl::StrCat(answer.version()), absl::StrCat(answer.rows()),
                       ToHex(answer.sha256()).substr(0, 16), answer.already_so() ? "yes" : ""});
  return in.output().Print(answer, rows);
}

absl::Status LoadGeography(Invocation& in) {
  v1::ImportGeographyRequest request;
  const std::string path = in.Get("FILE");
  ASSIGN_OR_RETURN(*request.mutable_file(), UploadFile(in.session(), path, FileName(path)));
  request.set_kind(in.Get("--kind"));
  request.set_vintage(in.Get("--vintage"));
  request.set_code_property(in.Get("--code-property"));
  request.set_name_property(in.Get("--name-property"));
  request.set_source(in.Get("--source"));
  v1::ImportReferenceResponse answer;
  RETURN_IF_ERROR(in.session().Command(Metrics("ImportGeography"), request, answer));
  return Loaded(in, answer);
}

absl::Status ListGeography(Invocation& in) {
  v1::ListAreasRequest request;
  request.set_kind(in.Get("--kind"));
  request.set_vintage(in.Get("--vintage"));
  v1::ListAreasResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("ListAreas"), request, answer));
  Rows rows{{"kind", "vintage", "code", "name"}, {}, {}};
  for (const auto& set : answer.sets()) {
    for (const auto& area : set.areas()) {
      rows.rows.push_back({set.set().kind(), set.set().vintage(), area.code(), area.name()});
    }
  }
  return in.output().Print(answer, rows);
}

absl::Status Load(Invocation& in) {
  v1::ImportReferenceRequest request;
  const std::string path = in.Get("FILE");
  ASSIGN_OR_RETURN(const auto day, in.Day("--valid-from"));
  *request.mutable_valid_from() = *day;
  ASSIGN_OR_RETURN(*request.mutable_file(), UploadFile(in.session(), path, FileName(path)));
  request.set_set(in.Get("SET"));
  request.set_source(in.Get("--source"));
  request.set_verified(in.Has("--verified"));
  request.set_kind(in.Get("--kind"));
  request.set_vintage(in.Get("--vintage"));
  v1::ImportReferenceResponse answer;
  RETURN_IF_ERROR(in.session().Command(Metrics("ImportReference"), request, answer));
  return Loaded(in, answer);
}

absl::Status List(Invocation& in) {
  v1::ListReferenceSetsResponse answer;
  RETURN_IF_ERROR(
      in.session().Call(Metrics("ListReferenceSets"), v1::ListReferenceSetsRequest(), answer));
  Rows rows{{"set", "kind", "version", "rows", "valid_from", "verification", "source", "sha256"},
            {},
            {false, false, true, true}};
  for (const auto& set : answer.sets()) {
    rows.rows.push_back({set.set(), v1::ReferenceKind::Code_Name(set.kind()),
                         absl::StrCat(set.version()), absl::StrCat(set.rows()),
                         set.has_valid_from() ? ToText(set.valid_from()) : "",
                         v1::Verification::Code_Name(set.verification()), set.source(),
                         ToHex(set.sha256()).substr(0, 16)});
  }
  return in.output().Print(answer, rows);
}

}  // namespace

Commands GeographyCommands() {
  return {
      {"geography import",
       "A set of areas from GeoJSON, whole or nothing; crimes already there are placed in it",
       {{"FILE", "GeoJSON, WGS 84, longitude first"}},
       {{"--kind", "KIND", "ward, lsoa, lad or custom", true},
        {"--vintage", "VINTAGE", "Of the boundaries, such as 2013", true},
        {"--code-property", "NAME", "The property that holds the code", true},
        {"--name-property", "NAME", "The property that holds the name", true},
        {"--source", "TEXT", "Where it is from, and under which licence"}},
       "holdfast geography import wards.geojson --kind ward --vintage 2013 --code-property WD13CD "
       "--name-property "
       "WD13NM",
       LoadGeography},
      {"geography list",
       "Areas by code and name",
       {},
       {{"--kind", "KIND", "Only this kind"}, {"--vintage", "VINTAGE", "Only this vintage"}},
       "holdfast geography list --kind ward -o csv",
       ListGeography},
  };
}

Commands ReferenceCommands() {
  return {
      {"reference load",
       "A version of a reference set from CSV, whole or nothing",
       {{"SET", "populations, dwellings, lookups, deprivation, offence-codes or weights"},
        {"FILE", "The CSV"}},
       {{"--valid-from", "DAY", "From which day it counts, such as 2016-06-30", true},
        {"--source", "TEXT", "Where it is from"},
        {"--verified", "", "It was checked against its source"},
        {"--kind", "KIND", "To which areas its codes belong"},
        {"--vintage", "VINTAGE", "Of which vintage"}},
       "holdfast reference load populations residents.csv --valid-from 2016-06-30",
       Load},
      {"reference list",
       "Every reference set, its versions and their standing",
       {},
       {},
       "holdfast reference list",
       List},
  };
}

}  // namespace holdfast::cli
