#include "eventsourcing/state_layout.h"

#include <algorithm>
#include <utility>

namespace holdfast::eventsourcing::layout {
namespace {

constexpr char kLayout = '\3';

void AppendText(std::string& out, std::string_view text) {
  AppendBigEndian32(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

// So that earlier instants sort first, also those before 1970.
std::uint64_t Ordered(absl::Time at) {
  return static_cast<std::uint64_t>(absl::ToUnixNanos(at)) ^ (std::uint64_t{1} << 63U);
}

absl::Time FromOrdered(std::uint64_t ordered) {
  return absl::FromUnixNanos(static_cast<std::int64_t>(ordered ^ (std::uint64_t{1} << 63U)));
}

std::string Of(std::string_view tenant, char kind, std::size_t more) {
  std::string key;
  key.reserve(tenant.size() + 2 + more);
  key.append(tenant);
  key.push_back('\0');
  key.push_back(kind);
  return key;
}

// Takes parts off the front of bytes; `fine` turns false where they do not suffice.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : left_(bytes) {}
  std::string_view Bytes(std::size_t count) {
    if (count > left_.size()) {
      fine_ = false;
      return {};
    }
    const std::string_view out = left_.substr(0, count);
    left_.remove_prefix(count);
    return out;
  }
  std::uint64_t U64() {
    const std::string_view bytes = Bytes(8);
    return fine_ ? ReadBigEndian64(bytes) : 0;
  }
  std::uint32_t U32() {
    const std::string_view bytes = Bytes(4);
    return fine_ ? ReadBigEndian32(bytes) : 0;
  }
  std::string Text() { return std::string(Bytes(U32())); }
  Hash HashOf() {
    Hash hash{};
    const std::string_view bytes = Bytes(hash.size());
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    return hash;
  }
  std::string_view Rest() { return std::exchange(left_, {}); }
  bool fine() const { return fine_; }
  bool done() const { return fine_ && left_.empty(); }

 private:
  std::string_view left_;
  bool fine_ = true;
};

}  // namespace

std::string PartitionKey() {
  return {'\0', 'P'};
}
std::string TenantPrefix() {
  return {'\0', 'T'};
}
std::string TenantKey(std::string_view tenant) {
  return TenantPrefix().append(tenant);
}
std::string StateKey(std::string_view tenant, std::string_view stream) {
  return Of(tenant, 's', stream.size()).append(stream);
}
std::string ReceiptsKey(std::string_view tenant, std::uint64_t first_seq) {
  std::string key = Of(tenant, 'c', 8);
  AppendBigEndian64(key, first_seq);
  return key;
}
std::string WindowPrefix(std::string_view tenant) {
  return Of(tenant, 'w', 8);
}
std::string WindowKey(std::string_view tenant, std::uint64_t first_seq) {
  std::string key = WindowPrefix(tenant);
  AppendBigEndian64(key, first_seq);
  return key;
}
std::string TagPrefix(std::string_view tenant, std::string_view tag) {
  std::string key = Of(tenant, 't', 4 + tag.size() + 48);
  AppendText(key, tag);
  return key;
}
std::string DuePrefix(std::string_view tenant) {
  return Of(tenant, 'd', 64);
}
std::string DueKey(std::string_view tenant, std::string_view stream, const DueAt& due) {
  std::string key = DuePrefix(tenant);
  AppendBigEndian64(key, Ordered(due.at));
  AppendText(key, stream);
  key.append(due.kind);
  return key;
}
std::string MarkPrefix(std::string_view tenant) {
  return Of(tenant, 'r', 64);
}
std::string MarkKey(std::string_view tenant, std::string_view reactor, std::string_view source) {
  std::string key = MarkPrefix(tenant);
  AppendText(key, reactor);
  key.append(source);
  return key;
}

std::string Encode(const PartitionRow& row) {
  std::string out(1, kLayout);
  out.append(AsBytes(row.fingerprint));
  AppendText(out, journal::Serialise(row.fold));
  if (row.last) {
    AppendBigEndian64(out, row.last->offset);
    out.push_back(row.last->is_chain_hash ? '\1' : '\0');
    out.append(AsBytes(row.last->hash));
  }
  return out;
}

std::optional<PartitionRow> ReadPartitionRow(std::string_view bytes) {
  Cursor cursor(bytes);
  if (cursor.Bytes(1) != std::string_view(&kLayout, 1)) return std::nullopt;
  PartitionRow row;
  row.fingerprint = cursor.HashOf();
  const std::optional<journal::PartitionState> fold = journal::ParsePartitionState(cursor.Text());
  if (!fold) return std::nullopt;
  row.fold = *fold;
  if (cursor.done()) return row;
  LastRecord last;
  last.offset = cursor.U64();
  last.is_chain_hash = cursor.Bytes(1) == std::string_view("\1", 1);
  last.hash = cursor.HashOf();
  if (!cursor.done()) return std::nullopt;
  row.last = last;
  return row;
}

std::string Encode(const TenantRow& row) {
  std::string out;
  AppendText(out, journal::Serialise(row.head));
  AppendBigEndian64(out, Ordered(row.recorded_at));
  out.push_back(row.frozen ? '\1' : '\0');
  AppendBigEndian32(out, row.closings);
  AppendBigEndian32(out, row.moved_to);
  return out;
}

std::optional<TenantRow> ReadTenantRow(std::string_view bytes) {
  Cursor cursor(bytes);
  TenantRow row;
  const std::optional<journal::TenantHead> head = journal::ParseTenantHead(cursor.Text());
  if (!head) return std::nullopt;
  row.head = *head;
  row.recorded_at = FromOrdered(cursor.U64());
  row.frozen = cursor.Bytes(1) == std::string_view("\1", 1);
  row.closings = cursor.U32();
  row.moved_to = cursor.U32();
  if (!cursor.done()) return std::nullopt;
  return row;
}

namespace {

void AppendFields(std::string& out, const FirstReceipt& receipt) {
  AppendBigEndian64(out, receipt.seq);
  AppendBigEndian64(out, receipt.version);
  AppendBigEndian64(out, Ordered(receipt.recorded_at));
  AppendBigEndian32(out, receipt.mac.key);
  out.append(AsBytes(receipt.mac.mac));
  AppendText(out, receipt.stream);
  for (const std::string& warning : receipt.warnings) AppendText(out, warning);
}

std::size_t SizeOf(const FirstReceipt& receipt) {
  std::size_t size = 3 * 8 + 4 + receipt.mac.mac.size() + 4 + receipt.stream.size();
  for (const std::string& warning : receipt.warnings) size += 4 + warning.size();
  return size;
}

}  // namespace

std::string Encode(const FirstReceipt& receipt) {
  std::string out;
  out.reserve(SizeOf(receipt));
  AppendFields(out, receipt);
  return out;
}

std::optional<FirstReceipt> ReadFirstReceipt(std::string_view bytes) {
  Cursor cursor(bytes);
  FirstReceipt receipt;
  receipt.seq = cursor.U64();
  receipt.version = cursor.U64();
  receipt.recorded_at = FromOrdered(cursor.U64());
  receipt.mac.key = cursor.U32();
  receipt.mac.mac = cursor.HashOf();
  receipt.stream = cursor.Text();
  while (cursor.fine() && !cursor.done()) receipt.warnings.push_back(cursor.Text());
  if (!cursor.done()) return std::nullopt;
  return receipt;
}

Uuid WindowRow::id(std::size_t place) const {
  Uuid id{};
  const std::string_view bytes = ids.substr(place * id.size(), id.size());
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

std::string BeginWindowRow(absl::Time last_recorded_at) {
  std::string out;
  AppendBigEndian64(out, Ordered(last_recorded_at));
  return out;
}

std::optional<WindowRow> ReadWindowRow(std::string_view bytes) {
  Cursor cursor(bytes);
  WindowRow row;
  row.last_recorded_at = FromOrdered(cursor.U64());
  row.ids = cursor.Rest();
  if (!cursor.done() || row.ids.empty() || row.ids.size() % sizeof(Uuid) != 0) return std::nullopt;
  return row;
}

void AppendReceipt(std::string& receipts, const FirstReceipt& receipt) {
  AppendBigEndian32(receipts, static_cast<std::uint32_t>(SizeOf(receipt)));
  AppendFields(receipts, receipt);
}

std::optional<FirstReceipt> ReadReceipt(std::string_view receipts, std::size_t place) {
  Cursor cursor(receipts);
  for (std::size_t i = 0; i < place; ++i) cursor.Bytes(cursor.U32());
  const std::string_view bytes = cursor.Bytes(cursor.U32());
  if (!cursor.fine()) return std::nullopt;
  return ReadFirstReceipt(bytes);
}

std::string Encode(const ReactionMark& mark) {
  std::string out;
  AppendBigEndian64(out, mark.seq);
  AppendBigEndian32(out, mark.event);
  AppendBigEndian32(out, mark.command);
  return out;
}

std::optional<ReactionMark> ReadReactionMark(std::string_view bytes) {
  Cursor cursor(bytes);
  ReactionMark mark;
  mark.seq = cursor.U64();
  mark.event = cursor.U32();
  mark.command = cursor.U32();
  if (!cursor.done()) return std::nullopt;
  return mark;
}

std::optional<StreamDue> ReadDueKey(std::string_view rest) {
  Cursor cursor(rest);
  StreamDue out;
  out.due.at = FromOrdered(cursor.U64());
  out.stream = cursor.Text();
  if (!cursor.fine()) return std::nullopt;
  out.due.kind = std::string(cursor.Rest());
  return out;
}

std::optional<ReactorSource> ReadMarkKey(std::string_view rest) {
  Cursor cursor(rest);
  ReactorSource out;
  out.reactor = cursor.Text();
  if (!cursor.fine()) return std::nullopt;
  out.source = std::string(cursor.Rest());
  return out;
}

}  // namespace holdfast::eventsourcing::layout
