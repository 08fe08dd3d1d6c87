#include "base/thread_executor.h"

#include <vector>

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"

namespace holdfast {
namespace {

TEST(ThreadExecutor, RunsInOrderOfPostingAndFinishesBeforeItEnds) {
  std::vector<int> seen;
  {
    ThreadExecutor executor("test");
    for (int i = 0; i < 100; ++i) executor.Post([&seen, i] { seen.push_back(i); });
  }
  ASSERT_EQ(seen.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(ThreadExecutor, RunsDelayedWorkAndDropsWhatIsNotDueAtItsEnd) {
  bool dropped = true;
  absl::Notification ran;
  {
    ThreadExecutor executor("test");
    executor.PostAfter(absl::Milliseconds(1), [&ran] { ran.Notify(); });
    executor.PostAfter(absl::Hours(1), [&dropped] { dropped = false; });
    ran.WaitForNotification();
  }
  EXPECT_TRUE(dropped);
}

}  // namespace
}  // namespace holdfast
