// Which version of a reference set counts on a day.
#pragma once

#include <google/protobuf/repeated_field.h>

#include "absl/time/civil_time.h"
#include "base/day.h"

namespace holdfast::initiative {

// Of the versions whose valid_from is up to `day`, the one of the latest valid_from; of two with
// the same, the newer. Null where none is in force. `versions` are in order of publication.
template <class Version>
const Version* InForceOn(const google::protobuf::RepeatedPtrField<Version>& versions,
                         absl::CivilDay day) {
  const Version* best = nullptr;
  for (const Version& version : versions) {
    if (ToDay(version.valid_from()) > day) continue;
    if (best == nullptr || ToDay(version.valid_from()) >= ToDay(best->valid_from()))
      best = &version;
  }
  return best;
}

}  // namespace holdfast::initiative
