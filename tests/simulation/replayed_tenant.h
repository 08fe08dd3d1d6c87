// The states of one tenant at one prefix of its accepted history, and what a rule says there: the
// same deciders, without actor, journal or time.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/time/time.h"
#include "eventsourcing/decider.h"
#include "eventsourcing/stream_types.h"

namespace holdfast::simulation {

class ReplayedTenant final : public Neighbours {
 public:
  explicit ReplayedTenant(const eventsourcing::StreamTypes& streams) : streams_(streams) {}

  // Empty, or what is wrong with it.
  std::string Apply(const journal::v1::Commit& commit);

  struct Said {
    std::string refused;  // the reason; empty: not refused
    std::vector<std::unique_ptr<google::protobuf::Message>> events;
    std::string stream;
  };
  Said Decide(const google::protobuf::Message& command, absl::Time now) const;

  std::uint64_t VersionOf(const std::string& stream) const;
  // Serialised; empty where the stream has no event.
  std::string StateOf(const std::string& stream) const;
  const google::protobuf::Message* MessageOf(const std::string& stream) const;
  // Timers that were due before that time, as "stream kind".
  std::vector<std::string> OverdueAt(absl::Time now) const;

  using Neighbours::Find;
  const google::protobuf::Message* Find(std::string_view kind, std::string_view id) const override;
  std::vector<std::string> Holding(std::string_view kind, std::string_view tag) const override;

 private:
  struct Stream {
    const eventsourcing::StreamType* type = nullptr;
    std::unique_ptr<google::protobuf::Message> state;
    std::uint64_t version = 0;
  };
  bool AnotherHolds(const std::string& stream, const std::string& tag) const;

  const eventsourcing::StreamTypes& streams_;
  std::map<std::string, Stream> by_name_;
};

}  // namespace holdfast::simulation
