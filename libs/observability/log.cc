#include "observability/log.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include <unistd.h>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "observability/metrics.h"

namespace holdfast::log {
namespace {

constexpr std::uint32_t kMaxPerSecond = 10;
constexpr std::size_t kMaxWordBytes = 128;

struct Allowance {
  std::int64_t second = std::numeric_limits<std::int64_t>::min();
  std::uint32_t used = 0;
};

class Logger {
 public:
  void Write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (level == Level::kDebug && !DebugIsOn()) return;
    std::string line;
    {
      const absl::MutexLock lock(&mutex_);
      const absl::Duration since_boot = clock_->SinceBoot();
      Allowance& allowance = allowances_[event];
      const std::int64_t second = absl::ToInt64Seconds(since_boot);
      if (second != allowance.second) allowance = {second, 0};
      ++allowance.used;
      if (allowance.used <= kMaxPerSecond) {
        line = Line(level, event, fields);
      } else {
        if (allowance.used == kMaxPerSecond + 1)
          line = Line(Level::kWarn, "suppressed", {Reason(event)});
      }
      if (!line.empty() && sink_) sink_(line);
    }
    if (line.empty()) {
      static const metrics::Counter dropped = metrics::Process().GetCounter(metrics::kLogDropped);
      dropped.Increment();
    } else if (!redirected_.load(std::memory_order_acquire)) {
      WriteToStderr(line);
    }
  }

  void SetService(std::string service) {
    const absl::MutexLock lock(&mutex_);
    service_ = std::move(service);
  }

  void Redirect(absl::AnyInvocable<void(std::string_view)> sink, const Clock* clock) {
    const absl::MutexLock lock(&mutex_);
    redirected_.store(static_cast<bool>(sink), std::memory_order_release);
    sink_ = std::move(sink);
    clock_ = clock == nullptr ? &SystemClock() : clock;
    debug_until_ns_.store(0, std::memory_order_relaxed);
    allowances_.clear();
  }

  void DebugFor(absl::Duration duration) {
    const absl::MutexLock lock(&mutex_);
    debug_until_ns_.store(absl::ToInt64Nanoseconds(clock_->SinceBoot() + duration),
                          std::memory_order_relaxed);
  }

  bool DebugIsOn() {
    const std::int64_t until = debug_until_ns_.load(std::memory_order_relaxed);
    if (until == 0) return false;
    const absl::MutexLock lock(&mutex_);
    return absl::ToInt64Nanoseconds(clock_->SinceBoot()) < until;
  }

 private:
  static void WriteToStderr(const std::string& line) {
    std::string_view left = line;
    while (!left.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, left.data(), left.size());
      if (written <= 0) return;  // nobody is left to be told
      left.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  static std::string_view Checked(std::string_view word) {
    const bool fine = word.size() <= kMaxWordBytes && std::ranges::all_of(word, [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') ||
                               std::string_view("_.:/@+-").find(c) != std::string_view::npos;
                      });
    return fine ? word : "?";
  }

  static void AppendWord(std::string& out, std::string_view key, std::string_view word) {
    out.append(",\"").append(key).append("\":\"").append(word).append("\"");
  }

  std::string Line(Level level, std::string_view event, std::initializer_list<Field> fields)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
    std::string out = "{\"ts\":\"";
    out += absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", clock_->Now(), absl::UTCTimeZone());
    out.push_back('"');
    AppendWord(out, "level", kLevels[static_cast<std::size_t>(level)]);
    AppendWord(out, "service", Checked(service_));
    AppendWord(out, "event", event);
    for (const Field& field : fields) {
      switch (field.kind) {
        case Field::Kind::kWord:
          AppendWord(out, field.key, Checked(field.word));
          break;
        case Field::Kind::kNumber:
          out.append(",\"").append(field.key).append("\":").append(std::to_string(field.number));
          break;
        case Field::Kind::kMilliseconds:
          out.append(",\"").append(field.key).append("\":");
          absl::StrAppendFormat(&out, "%.3f", field.milliseconds);
          break;
      }
    }
    out += "}\n";
    return out;
  }

  absl::Mutex mutex_;
  std::atomic<bool> redirected_ = false;
  std::atomic<std::int64_t> debug_until_ns_ = 0;
  std::string service_ ABSL_GUARDED_BY(mutex_) = "holdfast";
  const Clock* clock_ ABSL_GUARDED_BY(mutex_) = &SystemClock();
  absl::AnyInvocable<void(std::string_view)> sink_ ABSL_GUARDED_BY(mutex_);
  // By name; names are literals, so they live.
  absl::flat_hash_map<std::string_view, Allowance> allowances_ ABSL_GUARDED_BY(mutex_);
};

Logger& TheLogger() {
  static auto* const logger = new Logger();
  return *logger;
}

}  // namespace

void Write(Level level, Event event, std::initializer_list<Field> fields) {
  TheLogger().Write(level, event.name(), fields);
}

void SetService(std::string service) {
  TheLogger().SetService(std::move(service));
}

void DebugFor(absl::Duration duration) {
  TheLogger().DebugFor(duration);
}

bool DebugIsOn() {
  return TheLogger().DebugIsOn();
}

ScopedSink::ScopedSink(absl::AnyInvocable<void(std::string_view)> sink, const Clock& clock) {
  TheLogger().Redirect(std::move(sink), &clock);
}
ScopedSink::~ScopedSink() {
  TheLogger().Redirect(nullptr, nullptr);
}

}  // namespace holdfast::log
