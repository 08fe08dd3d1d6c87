// The log: one JSON line on stderr for each event, made of a name and typed fields from a closed
// list.
//
//   log::Warn("commit_voided", log::Context("initiative"), log::Partition(3), log::Offset(17));
//   {"ts":"2026-11-23T20:52:58.123Z","level":"warn","service":"standalone","event":"commit_voided",
//    "context":"initiative","partition":3,"offset":17}
//
// No field takes free text, so no person can leak: a value with any character outside
// [A-Za-z0-9_.:/@+-] is written as "?". Error: somebody must act. Info: a state changed. What
// happens for every command is debug, which is off unless DebugFor was called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace holdfast {
class Clock;
}

namespace holdfast::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError };

// A name, checked when it is compiled: [a-z][a-z0-9_]*.
class Event {
 public:
  template <std::size_t N>
  consteval Event(const char (&name)[N])  // NOLINT(google-explicit-constructor)
      : name_(name, N - 1) {
    if (N < 2 || name[0] < 'a' || name[0] > 'z') throw "an event is named [a-z][a-z0-9_]*";
    for (const char c : name_) {
      const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      if (!word) throw "an event is named [a-z][a-z0-9_]*";
    }
  }
  std::string_view name() const { return name_; }

 private:
  std::string_view name_;
};

// One field. Borrows its text until the line is written.
struct Field {
  enum class Kind : std::uint8_t { kWord, kNumber, kMilliseconds };
  std::string_view key;
  Kind kind = Kind::kNumber;
  std::string_view word = {};
  std::uint64_t number = 0;
  double milliseconds = 0;
};

namespace internal {
constexpr Field Word(std::string_view key, std::string_view word) {
  return {key, Field::Kind::kWord, word, 0, 0};
}
constexpr Field Number(std::string_view key, std::uint64_t number) {
  return {key, Field::Kind::kNumber, {}, number, 0};
}
}  // namespace internal

// The closed list.
constexpr Field TraceId(std::string_view hex) {
  return internal::Word("trace_id", hex);
}
constexpr Field SpanId(std::string_view hex) {
  return internal::Word("span_id", hex);
}
constexpr Field Tenant(std::string_view slug) {
  return internal::Word("tenant", slug);
}
constexpr Field Context(std::string_view context) {
  return internal::Word("context", context);
}
constexpr Field Seq(std::uint64_t seq) {
  return internal::Number("seq", seq);
}
constexpr Field Partition(std::uint64_t partition) {
  return internal::Number("partition", partition);
}
constexpr Field Offset(std::uint64_t offset) {
  return internal::Number("offset", offset);
}
constexpr Field Method(std::string_view method) {
  return internal::Word("method", method);
}
constexpr Field CommandId(std::string_view hex) {
  return internal::Word("command_id", hex);
}
// A status code or an HTTP status.
constexpr Field Code(std::string_view code) {
  return internal::Word("code", code);
}
// An enumeration name: a refusal, an ErrorInfo.reason, a cause.
constexpr Field Reason(std::string_view reason) {
  return internal::Word("reason", reason);
}
// The origin of an OpenID provider, "https://sign-in.example": where it is, not who signs in.
constexpr Field Issuer(std::string_view origin) {
  return internal::Word("issuer", origin);
}
constexpr Field View(std::string_view view) {
  return internal::Word("view", view);
}
constexpr Field Store(std::string_view store) {
  return internal::Word("store", store);
}
constexpr Field Count(std::uint64_t count) {
  return internal::Number("count", count);
}
constexpr Field Port(std::uint16_t port) {
  return internal::Number("port", port);
}
inline Field Took(absl::Duration duration) {
  return {"ms", Field::Kind::kMilliseconds, {}, 0, absl::ToDoubleMilliseconds(duration)};
}
// A pseudonym.
constexpr Field ActorRef(std::string_view ref) {
  return internal::Word("actor_ref", ref);
}

// Writes one line. Over ten a second of one event: one line "suppressed" (its reason names the
// event), then nothing more of it until the next second. Thread-safe.
void Write(Level level, Event event, std::initializer_list<Field> fields);

template <class... Fields>
void Debug(Event event, const Fields&... fields) {
  Write(Level::kDebug, event, {fields...});
}
template <class... Fields>
void Info(Event event, const Fields&... fields) {
  Write(Level::kInfo, event, {fields...});
}
template <class... Fields>
void Warn(Event event, const Fields&... fields) {
  Write(Level::kWarn, event, {fields...});
}
template <class... Fields>
void Error(Event event, const Fields&... fields) {
  Write(Level::kError, event, {fields...});
}

// The name that every line carries; "holdfast" until it is set.
void SetService(std::string service);

// Writes debug lines too, for that long (SIGUSR1: ten minutes). Safe from a signal's thread, not
// from its handler.
void DebugFor(absl::Duration duration);
bool DebugIsOn();

// Sends the lines elsewhere, by another clock, while it lives: for tests. One at a time.
class ScopedSink {
 public:
  ScopedSink(absl::AnyInvocable<void(std::string_view line)> sink, const Clock& clock);
  ~ScopedSink();
  ScopedSink(const ScopedSink&) = delete;
  ScopedSink& operator=(const ScopedSink&) = delete;
};

}  // namespace holdfast::log
