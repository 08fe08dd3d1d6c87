// The runners of one context's reactors: which of them run in this process, and for whom.
//
//   one machine: a runner for each partition of a source; what it reads goes where the tenant is
//   shared:      for each partition t that this process owns, the source's partition t, where the
//                commits of its tenants stand too; and, since tenants move, those where a tenant
//                that came to t has its home, and where one of t went on in the source
//
// In the shared case a runner carries the tenants of its partition alone, those who were there when
// it began: others have theirs. One that comes to t has commits behind where the runners of t have
// read, and none of them may be passed over: they begin anew, and what was answered before is known
// by its cause.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/executor.h"
#include "eventsourcing/reactor_runner.h"
#include "eventsourcing/tenant_places.h"

namespace holdfast::eventsourcing {

// Everything that is pointed to outlives the runners.
struct ReactorRunnersOptions {
  struct Source {
    std::uint32_t partitions = 0;
    std::vector<ReactorType> reactors;
  };
  std::map<std::string, Source> sources;  // by context
  // What all of them have; without source and reactors.
  ReactorRunnerOptions each;
  // Other processes own partitions too.
  bool shared = false;
  std::uint32_t partitions = 0;  // of the target
  const TenantPlaces* places = nullptr;
  std::function<bool(std::uint32_t partition)> serves;
};

// On the executor's thread, but for the constructor.
class ReactorRunners {
 public:
  explicit ReactorRunners(ReactorRunnersOptions options) : options_(std::move(options)) {}

  // Starts those that are wanted now, and ends the others.
  void Look();
  void Stop();

 private:
  struct Key {
    journal::PartitionId source;
    std::uint32_t target = 0;
    std::vector<TenantArrival> arrivals;  // in the target: others read from the start
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  std::set<Key> Wanted() const;
  void AddWanted(const std::string& source, std::uint32_t target, std::set<Key>& wanted) const;
  std::unique_ptr<ReactorRunner> Start(const Key& key) const;
  std::function<bool(const std::string&)> CarriedBy(const Key& key) const;

  const ReactorRunnersOptions options_;
  std::map<Key, std::unique_ptr<ReactorRunner>> running_;
};

}  // namespace holdfast::eventsourcing
