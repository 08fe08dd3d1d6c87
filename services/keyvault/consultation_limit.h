// How many people one reader may be shown in a minute: beyond it somebody is emptying the records,
// or somebody else uses their session.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/time/time.h"

namespace holdfast::keyvault {

// Not thread-safe.
class ConsultationLimit {
 public:
  static constexpr std::size_t kMaxPeople = 200;
  static constexpr absl::Duration kWindow = absl::Minutes(1);
  static constexpr absl::Duration kLocked = absl::Minutes(15);

  // Counts the people whom the headers are about, each once. False where there are too many, and
  // until the reader's lock ends: then nothing is to be opened.
  bool Allows(const std::string& tenant, const std::string& reader,
              std::span<const journal::v1::SealedField> headers, absl::Time now);

 private:
  struct Reading {
    absl::Time since = absl::InfinitePast();
    std::set<std::string> people;
    absl::Time locked_until = absl::InfinitePast();
  };
  void ForgetIdle(absl::Time now);

  std::map<std::pair<std::string, std::string>, Reading> readings_;  // tenant, reader
  absl::Time swept_ = absl::InfinitePast();
};

}  // namespace holdfast::keyvault
