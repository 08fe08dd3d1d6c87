// A program of Holdfast as a process of its own: started, awaited, killed.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace holdfast::flow {

// "holdfast-standalone" of this build, in bin/ beside the folder of the tests. Empty where it is
// not built.
std::string BinaryOf(const std::string& program);
// Of this build, or the one that HOLDFAST_BIN names.
std::string StandaloneBinary();

struct Spawned {
  pid_t pid = -1;
  int output = -1;  // where what it says is read
};
// Starts a program with its words; what it writes to `outputs` (STDOUT_FILENO, …) goes to one pipe.
// -1 where it could not be started.
Spawned Spawn(std::vector<std::string> command, std::initializer_list<int> outputs);

class StandaloneProcess {
 public:
  // With free ports and empty demonstration tenants on this folder; `more` are further words.
  StandaloneProcess(const std::string& folder, const std::vector<std::string>& more = {});
  // Another program: its path, its words; `folder` is where it writes run/holdfast.json.
  StandaloneProcess(std::vector<std::string> command, std::string folder);
  ~StandaloneProcess();  // killed where it still runs

  // Blocks until it is ready. False where it ended instead.
  bool AwaitReady() { return AwaitWord("\"event\":\"ready\""); }
  // The same for a program that says something else then.
  bool AwaitWord(std::string_view word);
  // "127.0.0.1:8081".
  std::string grpc_address() const;
  // The body that its admin port answers at this path ("/readyz").
  std::string AdminPage(const std::string& path) const;

  void Signal(int signal) const;
  // Blocks until it ends: its exit code, or 128 and the signal.
  int AwaitEnd();
  // What it said, its log among it; to be read once it ended.
  const std::string& said() const { return said_; }

 private:
  std::string folder_;
  pid_t pid_ = -1;
  int output_ = -1;
  int exit_code_ = 0;
  std::string said_;
  std::jthread reads_;  // what it says after it was ready
};

}  // namespace holdfast::flow
