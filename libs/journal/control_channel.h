// A word from every process to all: each hears what any has sent, its own words among them. What is
// lost is lost; nothing that decides over records may rest on it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace holdfast::journal {

// Thread-safe.
class ControlChannel {
 public:
  using Heard = std::function<void(std::string_view message)>;

  // Ends hearing first.
  virtual ~ControlChannel() = default;
  // Soon, or never; does not wait.
  virtual void Send(std::string message) = 0;
  // From now on `heard` is called, by one thread at a time, until the channel ends. Once.
  virtual void Listen(Heard heard) = 0;
};

}  // namespace holdfast::journal
