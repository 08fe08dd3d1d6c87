#include "cli/progress.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace holdfast::cli {

Progress::Progress(std::string what)
    : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) == 1), begun_(absl::Now()) {}

Progress::~Progress() {
  if (drawn_) std::fputc('\n', stderr);
}

void Progress::At(std::uint64_t done, std::uint64_t all) {
  const absl::Time now = absl::Now();
  const absl::Duration pause = terminal_ ? absl::Milliseconds(100) : absl::Seconds(5);
  if (all == 0 || (now - said_ < pause && done < all)) return;
  if (!terminal_ && said_ == absl::InfinitePast() && now - begun_ < pause) return;
  said_ = now;
  const double share = static_cast<double>(done) / static_cast<double>(all);
  std::string line = absl::StrCat(what_, " ", done, " of ", all);
  if (done > 0 && done < all) {
    const absl::Duration left = (now - begun_) * ((1 - share) / share);
    absl::StrAppend(&line, ", about ", absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))),
                    " left");
  }
  if (!terminal_) {
    Say(line);
    return;
  }
  constexpr int kWidth = 30;
  const int filled = static_cast<int>(share * kWidth);
  std::fprintf(stderr, "\r\x1b[K[%s%s] %s",
               std::string(static_cast<std::size_t>(filled), '#').c_str(),
               std::string(static_cast<std::size_t>(kWidth - filled), '.').c_str(), line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::Count(std::uint64_t done) {
  const absl::Time now = absl::Now();
  if (now - std::max(said_, begun_) < (terminal_ ? absl::Milliseconds(100) : absl::Seconds(5)))
    return;
  said_ = now;
  const std::string line = absl::StrCat(what_, " ", done);
  if (!terminal_) {
    Say(line);
    return;
  }
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stderr);
}

}  // namespace holdfast::cli
