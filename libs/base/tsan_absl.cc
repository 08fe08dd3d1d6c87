// Only in builds with ThreadSanitizer: tells it what absl's locks order. Debian's absl is built
// without it, so it would see a race in everything that a Mutex guards. The linker sends calls of
// absl through here (--wrap, see libs/holdfast.cmake).
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

extern "C" {

void __tsan_acquire(void* at);
void __tsan_release(void* at);

// A lock is taken: what its last holder did comes before.
#define HOLDFAST_TAKES(symbol)               \
  void __real_##symbol(absl::Mutex*);        \
  void __wrap_##symbol(absl::Mutex* mutex);  \
  void __wrap_##symbol(absl::Mutex* mutex) { \
    __real_##symbol(mutex);                  \
    __tsan_acquire(mutex);                   \
  }
// A lock is given up.
#define HOLDFAST_GIVES(symbol)               \
  void __real_##symbol(absl::Mutex*);        \
  void __wrap_##symbol(absl::Mutex* mutex);  \
  void __wrap_##symbol(absl::Mutex* mutex) { \
    __tsan_release(mutex);                   \
    __real_##symbol(mutex);                  \
  }

HOLDFAST_TAKES(_ZN4absl7debian35Mutex4LockEv)
HOLDFAST_TAKES(_ZN4absl7debian35Mutex10ReaderLockEv)
HOLDFAST_GIVES(_ZN4absl7debian35Mutex6UnlockEv)
HOLDFAST_GIVES(_ZN4absl7debian35Mutex12ReaderUnlockEv)

bool __real__ZN4absl7debian35Mutex7TryLockEv(absl::Mutex*);
bool __wrap__ZN4absl7debian35Mutex7TryLockEv(absl::Mutex* mutex);
bool __wrap__ZN4absl7debian35Mutex7TryLockEv(absl::Mutex* mutex) {
  const bool taken = __real__ZN4absl7debian35Mutex7TryLockEv(mutex);
  if (taken) __tsan_acquire(mutex);
  return taken;
}

// Gives the lock up while it waits. Conditions are asked under the lock, by whoever gives it up.
void __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(absl::Mutex*, const absl::Condition&);
void __wrap__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(absl::Mutex*, const absl::Condition&);
void __wrap__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(absl::Mutex* mutex,
                                                           const absl::Condition& condition) {
  __tsan_release(mutex);
  __real__ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE(mutex, condition);
  __tsan_acquire(mutex);
}

bool __real__ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE(
    absl::Mutex*, const absl::Condition&, absl::Duration);
bool __wrap__ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE(
    absl::Mutex*, const absl::Condition&, absl::Duration);
bool __wrap__ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE(
    absl::Mutex* mutex, const absl::Condition& condition, absl::Duration timeout) {
  __tsan_release(mutex);
  const bool is = __real__ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE(
      mutex, condition, timeout);
  __tsan_acquire(mutex);
  return is;
}

bool __real__ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE(
    absl::Mutex*, const absl::Condition&, absl::Time);
bool __wrap__ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE(
    absl::Mutex*, const absl::Condition&, absl::Time);
bool __wrap__ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE(
    absl::Mutex* mutex, const absl::Condition& condition, absl::Time deadline) {
  __tsan_release(mutex);
  const bool is = __real__ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE(
      mutex, condition, deadline);
  __tsan_acquire(mutex);
  return is;
}

void __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(absl::CondVar*, absl::Mutex*);
void __wrap__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(absl::CondVar*, absl::Mutex*);
void __wrap__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(absl::CondVar* changed, absl::Mutex* mutex) {
  __tsan_release(mutex);
  __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(changed, mutex);
  __tsan_acquire(mutex);
}

bool __real__ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE(absl::CondVar*,
                                                                                 absl::Mutex*,
                                                                                 absl::Duration);
bool __wrap__ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE(absl::CondVar*,
                                                                                 absl::Mutex*,
                                                                                 absl::Duration);
bool __wrap__ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE(
    absl::CondVar* changed, absl::Mutex* mutex, absl::Duration timeout) {
  __tsan_release(mutex);
  const bool late = __real__ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE(
      changed, mutex, timeout);
  __tsan_acquire(mutex);
  return late;
}

// A notification orders what came before Notify and what comes after the wait.
void __real__ZN4absl7debian312Notification6NotifyEv(absl::Notification*);
void __wrap__ZN4absl7debian312Notification6NotifyEv(absl::Notification*);
void __wrap__ZN4absl7debian312Notification6NotifyEv(absl::Notification* notification) {
  __tsan_release(notification);
  __real__ZN4absl7debian312Notification6NotifyEv(notification);
}
void __real__ZNK4absl7debian312Notification19WaitForNotificationEv(const absl::Notification*);
void __wrap__ZNK4absl7debian312Notification19WaitForNotificationEv(const absl::Notification*);
void __wrap__ZNK4absl7debian312Notification19WaitForNotificationEv(
    const absl::Notification* notification) {
  __real__ZNK4absl7debian312Notification19WaitForNotificationEv(notification);
  __tsan_acquire(const_cast<absl::Notification*>(notification));
}
bool __real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    const absl::Notification*, absl::Duration);
bool __wrap__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    const absl::Notification*, absl::Duration);
bool __wrap__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    const absl::Notification* notification, absl::Duration timeout) {
  const bool notified =
      __real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
          notification, timeout);
  if (notified) __tsan_acquire(const_cast<absl::Notification*>(notification));
  return notified;
}
bool __real__ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE(
    const absl::Notification*, absl::Time);
bool __wrap__ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE(
    const absl::Notification*, absl::Time);
bool __wrap__ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE(
    const absl::Notification* notification, absl::Time deadline) {
  const bool notified =
      __real__ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE(
          notification, deadline);
  if (notified) __tsan_acquire(const_cast<absl::Notification*>(notification));
  return notified;
}
}
