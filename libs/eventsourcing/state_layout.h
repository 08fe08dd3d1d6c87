// How a partition's state store is laid out. On disk, but derived: what does not parse, or was
// written by another layout, is folded again from the log. A tenant's keys begin with its slug and
// a zero byte.
//
//   00 'P'                                     layout, fingerprint, fold, last record
//   00 'T' tenant                              head, time, frozen, closings
//   tenant 00 's' stream                       u64 version, state
//   tenant 00 'w' u64 first seq                of the commands of one write: u64 time of the last,
//                                              ids (16 each), in order
//   tenant 00 'c' u64 first seq                and their first receipts: u32 length, receipt
//   tenant 00 't' u32 length, tag, stream      a tag that the state of the stream holds
//   tenant 00 'd' u64 at, u32 length, stream, kind   a timer
//   tenant 00 'r' u32 length, reactor, source  how far the reactor has worked
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "eventsourcing/command_mac.h"
#include "eventsourcing/decider.h"
#include "journal/acceptance.h"

namespace holdfast::eventsourcing {

// The first receipt of an accepted command, and what tells it from another under the same id.
struct FirstReceipt {
  std::uint64_t seq = 0;
  std::uint64_t version = 0;
  absl::Time recorded_at;
  CommandMac::Mac mac;
  std::string stream;
  std::vector<std::string> warnings;
  friend bool operator==(const FirstReceipt&, const FirstReceipt&) = default;
};

// The last record that was folded, to notice a journal that is not the one that was folded.
struct LastRecord {
  journal::Offset offset = 0;
  bool is_chain_hash = false;  // else SHA-256 of the record
  Hash hash{};
  friend bool operator==(const LastRecord&, const LastRecord&) = default;
};

struct PartitionRow {
  Hash fingerprint{};  // of the shapes of all states
  journal::PartitionState fold;
  std::optional<LastRecord> last;
};

struct TenantRow {
  journal::TenantHead head;
  absl::Time recorded_at = absl::InfinitePast();
  bool frozen = false;
  // Of its closings here that say where it goes on: how many, and where the last one says.
  std::uint32_t closings = 0;
  std::uint32_t moved_to = 0;
};

// How far a reactor has worked in one source: the highest (seq, event, command).
struct ReactionMark {
  std::uint64_t seq = 0;
  std::uint32_t event = 0;
  std::uint32_t command = 0;
  friend bool operator==(const ReactionMark&, const ReactionMark&) = default;
  friend auto operator<=>(const ReactionMark&, const ReactionMark&) = default;
};

namespace layout {

std::string PartitionKey();
std::string TenantKey(std::string_view tenant);
std::string TenantPrefix();
std::string StateKey(std::string_view tenant, std::string_view stream);
std::string ReceiptsKey(std::string_view tenant, std::uint64_t first_seq);
std::string WindowKey(std::string_view tenant, std::uint64_t first_seq);
std::string WindowPrefix(std::string_view tenant);
// All streams that hold the tag follow this prefix.
std::string TagPrefix(std::string_view tenant, std::string_view tag);
std::string DueKey(std::string_view tenant, std::string_view stream, const DueAt& due);
std::string DuePrefix(std::string_view tenant);
std::string MarkKey(std::string_view tenant, std::string_view reactor, std::string_view source);
std::string MarkPrefix(std::string_view tenant);

std::string Encode(const PartitionRow& row);
std::string Encode(const TenantRow& row);
std::string Encode(const FirstReceipt& receipt);
std::string Encode(const ReactionMark& mark);
std::optional<PartitionRow> ReadPartitionRow(std::string_view bytes);
std::optional<TenantRow> ReadTenantRow(std::string_view bytes);
std::optional<FirstReceipt> ReadFirstReceipt(std::string_view bytes);

// The commands of one write.
struct WindowRow {
  absl::Time last_recorded_at;
  std::string_view ids;  // of the bytes that were read
  std::size_t size() const { return ids.size() / sizeof(Uuid); }
  Uuid id(std::size_t place) const;
};
std::string BeginWindowRow(absl::Time last_recorded_at);
std::optional<WindowRow> ReadWindowRow(std::string_view bytes);
void AppendReceipt(std::string& receipts, const FirstReceipt& receipt);
// That at this place, counted from 0; empty where there is none.
std::optional<FirstReceipt> ReadReceipt(std::string_view receipts, std::size_t place);
std::optional<ReactionMark> ReadReactionMark(std::string_view bytes);
// From the part of a key behind its prefix.
struct StreamDue {
  std::string stream;
  DueAt due;
};
std::optional<StreamDue> ReadDueKey(std::string_view rest);
struct ReactorSource {
  std::string reactor;
  std::string source;
};
std::optional<ReactorSource> ReadMarkKey(std::string_view rest);

}  // namespace layout
}  // namespace holdfast::eventsourcing
