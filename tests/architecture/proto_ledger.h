// The ledger of numbers: every field and enum value that was ever given one. On disk for ever: a
// number that meant something else last year would make last year's events lie.
//
//   field holdfast.metrics.v1.SeriesPoint 3 count int64
//   value holdfast.metrics.v1.Refusal.Code 20 PERIOD_OPEN
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "fault.h"

namespace holdfast::architecture {

// The lines that the ledger should hold for these files, sorted.
std::vector<std::string> LedgerLines(
    const std::vector<const google::protobuf::FileDescriptor*>& files);

// A number of the ledger that now has another name or type, or is gone without `reserved`; and a
// field that the ledger does not know yet.
Faults CompareWithLedger(std::string_view ledger,
                         const std::vector<const google::protobuf::FileDescriptor*>& files);

}  // namespace holdfast::architecture
