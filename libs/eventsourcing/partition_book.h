// What one partition has come to: the acceptance fold over its records, and behind it the states,
// first receipts, tags, timers and reaction marks of its tenants.
//
//   journal records --Apply--> accepted states --Flush--> state store (offset and states at once)
//   own decisions --Speculate--> speculative states = accepted + in flight
//
// Owner and follower keep the same book; only the owner speculates. Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>

#include "holdfast/type/v1/type.pb.h"

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventsourcing/command_window.h"
#include "eventsourcing/event_codec.h"
#include "eventsourcing/fold_digests.h"
#include "eventsourcing/partition_fold.h"
#include "eventsourcing/protocol.h"
#include "eventsourcing/state_layout.h"
#include "eventsourcing/state_store.h"
#include "eventsourcing/stream_types.h"
#include "journal/acceptance.h"
#include "security/policy_epoch.h"

namespace holdfast::eventsourcing {

class TenantPlaces;
struct TenantEntry;

// One stream in use, decoded.
struct StreamEntry {
  TenantEntry* tenant = nullptr;
  const StreamType* type = nullptr;
  std::string name;           // "tool/<id>"
  std::uint64_t version = 0;  // accepted; 0: the stream has no event
  std::uint64_t speculative_version = 0;
  std::unique_ptr<google::protobuf::Message> accepted;
  std::unique_ptr<google::protobuf::Message> speculative;  // null: as accepted
  std::uint32_t in_flight = 0;
  bool dirty = false;             // differs from the store
  std::vector<std::string> tags;  // as listed in the tenant's holders; empty unless pinned
  std::vector<std::string> stored_tags;
  std::vector<DueAt> due;  // of the accepted state
  std::vector<DueAt> stored_due;
  std::list<StreamEntry*>::iterator place;  // in the order of use

  std::string_view id() const { return std::string_view(name).substr(type->kind.size() + 1); }
  const google::protobuf::Message& current() const {
    return speculative == nullptr ? *accepted : *speculative;
  }
  bool pinned() const { return dirty || in_flight > 0; }
};

struct TenantMark {
  ReactionMark accepted;
  ReactionMark speculative;
  bool dirty = false;
};

struct TenantEntry {
  std::string name;
  bool home = true;  // its name puts it into this partition
  // The speculative end of the chain: what the next commit continues.
  std::uint64_t seq = 0;
  Hash head{};
  absl::Time recorded_at = absl::InfinitePast();
  absl::Time accepted_recorded_at = absl::InfinitePast();
  std::uint64_t accepted_seq = 0;
  bool receiving = false;      // moved away, or not yet wholly here
  std::uint32_t closings = 0;  // accepted here, that say where it goes on
  std::uint32_t moved_to = 0;  // by the last of them
  std::uint32_t moving = 0;    // records of a move of it that are in flight
  absl::Status frozen;         // not OK: nothing is decided or folded for this tenant
  // The newest facts of the directory that any commit seen here was decided under: no command may
  // be decided under older ones. Not kept on disk: after a start it is known from what is folded.
  security::PolicyEpoch policy_epoch;
  std::uint64_t last_ticket = 0;  // of its youngest commit in flight; 0: none
  bool dirty = false;
  CommandWindow commands;
  absl::flat_hash_map<std::string, std::unique_ptr<StreamEntry>> streams;
  absl::flat_hash_map<std::string, std::vector<StreamEntry*>> holders;  // of pinned streams, by tag
  std::map<std::pair<std::string, std::string>, TenantMark> marks;      // by reactor and source
};

struct Timer {
  absl::Time at;
  std::string tenant;
  std::string stream;
  std::string kind;
  friend bool operator==(const Timer&, const Timer&) = default;
  friend bool operator<(const Timer& a, const Timer& b) {
    return std::tie(a.at, a.tenant, a.stream, a.kind) < std::tie(b.at, b.tenant, b.stream, b.kind);
  }
};

// One own commit, from the decision to its acceptance.
struct OwnDecision {
  TenantEntry* tenant = nullptr;
  StreamEntry* stream = nullptr;
  std::uint64_t ticket = 0;
  std::uint64_t seq = 0;
  std::uint64_t version = 0;
  Hash prev_hash{};
  Hash hash{};
  absl::Time recorded_at;
  std::uint64_t command = 0;  // among the tenant's
  std::vector<std::unique_ptr<google::protobuf::Message>> events;
  TenantMark* mark = nullptr;  // of a reaction
  ReactionMark reaction;
  std::string record;  // kept only where the fold wants digests
};

struct BookOptions {
  std::string context;
  std::uint32_t partition = 0;
  std::uint32_t partitions = 0;          // of the context; 0: every tenant is at home
  TenantPlaces* places = nullptr;        // told who came and left; null: nobody asks
  const StreamTypes* streams = nullptr;  // outlives the book
  const Upcasters* upcasters = nullptr;  // outlives the book
  std::size_t cached_states = 65'536;
  bool digests = false;
  DigestReader digest_reader;
  Protocol protocol;
};

class PartitionBook {
 public:
  PartitionBook(BookOptions options, std::unique_ptr<StateStore> store);
  ~PartitionBook();

  // Reads the store. Where it is empty, of another shape, or says that a tenant froze, it begins
  // anew from the first record.
  absl::Status Open();

  const PartitionFold& fold() const { return fold_; }
  const std::optional<LastRecord>& last_record() const { return last_; }
  // kDataLoss unless this record (the one that stands at last_record().offset) is the one folded.
  absl::Status CheckLast(std::string_view record) const;

  // The next record that stands. kDataLoss: the partition is frozen.
  absl::StatusOr<journal::Folded> Apply(journal::Offset offset, std::string_view record);
  // The same for an own commit.
  journal::Outcome ApplyOwn(journal::Offset offset, const journal::WriterId& writer,
                            OwnDecision& own);

  TenantEntry& Tenant(std::string_view name);
  // Whether commands of the tenant are decided here: neither has it moved away, nor not come yet.
  bool IsHere(const TenantEntry& tenant) const;
  // The stream "<kind>/<id>". Valid until Trim.
  absl::StatusOr<StreamEntry*> Stream(TenantEntry& tenant, const StreamType& type,
                                      std::string_view id);
  // The streams whose current state holds the tag, in order of name.
  absl::StatusOr<std::vector<std::string>> Holders(TenantEntry& tenant, std::string_view tag);
  // The first command under this id, if it is within the window of a commit with this time; else
  // null. Valid until the tenant's commands are used again.
  absl::StatusOr<const CommandWindow::Command*> Find(TenantEntry& tenant, const Uuid& id,
                                                     absl::Time now);

  // Adds events to what is in flight. Where Evolve fails (a fault of the program), the speculative
  // state is worthless until Respeculate.
  absl::Status Speculate(StreamEntry& stream,
                         std::span<const std::unique_ptr<google::protobuf::Message>> events);
  // The speculative state anew, from the accepted one and what is in flight for this stream.
  void Respeculate(StreamEntry& stream, std::span<const OwnDecision* const> in_flight);
  // Forgets everything that is in flight.
  void DropSpeculation();

  // Writes what has changed since the last flush. An error is the store's, and nothing is
  // forgotten.
  absl::Status Flush();
  std::size_t unflushed() const { return unflushed_; }
  // Nothing of this book is kept, or written from now on: the next one begins at the first record.
  absl::Status Disown();
  // Forgets states that were not used lately.
  void Trim();

  const std::set<Timer>& timers() const { return timers_; }
  std::size_t frozen_tenants() const { return frozen_tenants_; }
  const std::map<std::string, std::unique_ptr<TenantEntry>, std::less<>>& tenants() const {
    return tenants_;
  }

 private:
  absl::Status Load();
  absl::Status LoadTenant(std::string_view name, const TenantRow& row);
  void ApplyCommit(const journal::Folded& folded);
  absl::Status EvolveCommit(TenantEntry& tenant, const journal::v1::Commit& commit);
  absl::Status Admit(TenantEntry& tenant, const journal::v1::Commit& commit);
  void Remember(TenantEntry& tenant, const journal::v1::Commit& commit);
  void MarkReaction(TenantEntry& tenant, const type::v1::CausedBy& caused_by);
  void ApplyMove(const journal::Folded& folded);
  void ShowPlace(const TenantEntry& tenant) const;
  void Freeze(TenantEntry& tenant, const absl::Status& why);
  void Accepted(StreamEntry& stream);
  void Relist(StreamEntry& stream);
  void MarkDirty(TenantEntry& tenant);
  void PutStream(StreamEntry& stream);
  absl::Status PutTenant(TenantEntry& tenant);
  void PutPartition();

  const BookOptions options_;
  std::unique_ptr<StateStore> store_;
  EventCodec codec_;
  const Hash fingerprint_;
  PartitionFold fold_;
  DigestReader digest_reader_;
  std::optional<LastRecord> last_;
  std::map<std::string, std::unique_ptr<TenantEntry>, std::less<>> tenants_;
  TenantEntry* latest_tenant_ = nullptr;  // most commands come for the tenant of the one before
  std::list<StreamEntry*> used_;          // most lately used first
  std::vector<StreamEntry*> dirty_streams_;
  std::vector<TenantEntry*> dirty_tenants_;
  std::set<Timer> timers_;
  std::size_t unflushed_ = 0;  // records since the last flush
  std::size_t frozen_tenants_ = 0;
  bool disowned_ = false;
  std::string buffer_;
};

}  // namespace holdfast::eventsourcing
