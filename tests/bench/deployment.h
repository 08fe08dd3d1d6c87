// A deployment as processes of their own on a real broker: two instances of the initiative, and a
// projection, with an empty demonstration. Reached over gRPC.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench.h"
#include "child.h"
#include "kafka_house.h"
#include "rpc/client.h"

namespace holdfast::bench {

inline constexpr char kCreateSite[] = "/holdfast.initiative.v1.InitiativeService/CreateSite";
inline constexpr char kListSiteBoards[] = "/holdfast.board.v1.BoardService/ListSiteBoards";

class Deployment {
 public:
  static constexpr std::size_t kOwners = 2;  // instances of the initiative

  struct Options {
    std::uint32_t partitions = 4;
    absl::Duration heartbeat_timeout = absl::Seconds(5);
    std::vector<std::string> settings;  // further ones, as behind --set
  };
  // Ready when this returns.
  static absl::StatusOr<std::unique_ptr<Deployment>> Start(Bench& bench, KafkaHouse& house,
                                                           const Options& options);

  // Which instance decides for the tenant now.
  absl::StatusOr<std::size_t> OwnerOf(const std::string& tenant);
  // "127.0.0.1:40123"
  std::string owner_address(std::size_t ordinal) const { return instances_[ordinal].address; }
  std::string projection_address() const { return instances_.back().address; }
  // Of a person who may do nearly everything.
  absl::StatusOr<std::string> Token(const std::string& tenant);

  // A site more, decided by that instance; its errors are not tried again.
  absl::StatusOr<type::v1::Receipt> CreateSite(std::size_t ordinal, const std::string& tenant);

  void Kill(std::size_t ordinal) { instances_[ordinal].process->Stop(SIGKILL); }
  absl::Status StartAgain(std::size_t ordinal);

 private:
  struct Instance {
    std::string service;  // "initiative"
    std::size_t ordinal = 0;
    std::string address;
    std::string folder;
    std::unique_ptr<Child> process;
  };

  Deployment(Bench& bench, KafkaHouse& house, Options options);
  absl::Status MakeSecrets() const;
  absl::Status MakeTopics() const;
  absl::Status Place();
  absl::Status Begin(Instance& instance) const;
  std::vector<std::string> WordsOf(const Instance& instance) const;

  const Options options_;
  const std::string root_;
  const std::string programs_;
  KafkaHouse& house_;
  std::string doors_;
  std::vector<Instance> instances_;
  std::map<std::string, std::string> tokens_;
  std::uint64_t sites_ = 0;
};

}  // namespace holdfast::bench
