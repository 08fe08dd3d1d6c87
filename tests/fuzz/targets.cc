#include "targets.h"

#include <array>

#include <google/protobuf/stubs/logging.h>

#include "geography/fuzz_entry.h"
#include "ingest/fuzz_entry.h"
#include "journal/record_fuzz.h"
#include "security/sealing_fuzz.h"

namespace holdfast::fuzz {

std::span<const Target> Targets() {
  // protobuf writes a line about every text that is no UTF-8.
  google::protobuf::SetLogHandler(nullptr);
  static constexpr auto kTargets =
      std::to_array<Target>({{"audit", Audit},
                             {"cloud_event", CloudEvent},
                             {"connect", Connect},
                             {"csv", ingest::FuzzCsv},
                             {"fields", Fields},
                             {"geojson", geography::FuzzGeoJson},
                             {"key_set", KeySet},
                             {"metadata", Metadata},
                             {"policy", Policy},
                             {"profiles", ingest::FuzzProfiles},
                             {"query", Query},
                             {"record", journal::FuzzRecord},
                             {"sealed_field", security::FuzzSealedField},
                             {"token", Token},
                             {"zip", ingest::FuzzZip}});
  return kTargets;
}

}  // namespace holdfast::fuzz
