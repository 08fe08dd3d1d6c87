// The whole of Holdfast in this process (every service, the sets that are shipped, three empty
// tenants), worked through the command line as a person would.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "app/in_process.h"
#include "command_line.h"
#include "rpc/client.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::flow {

// A folder below the test's own, made anew.
std::string FreshFolder(std::string_view name);
// Writes a file, with its folders; the path again.
std::string WriteFile(const std::string& path, std::string_view content);
std::string ReadFile(const std::string& path);
// True where the real open data lies beside the project.
bool HasRealData();

using Words = std::vector<std::string>;

// Asks until it is so: what a view or a reactor of another context shows, it shows a moment later.
// False after twenty seconds.
bool Await(const std::function<bool()>& is_so);

class FlowHouse {
 public:
  // Ends the program with a sentence where it does not start: without it no test says anything.
  explicit FlowHouse(std::string_view name);

  Said Run(std::string_view tenant, const Words& words) const;

  // The same, and it must end well: a failure of the running test otherwise.
  std::string Do(std::string_view tenant, const Words& words) const;
  // Its answer as the API's message.
  template <class Answer>
  Answer Ask(std::string_view tenant, Words words) const {
    Answer answer;
    AskInto(tenant, std::move(words), answer);
    return answer;
  }

  // Position and chain of each journal of the tenant: equal where nothing was written between.
  std::string Heads(std::string_view tenant) const;
  // Of one context; empty where the tenant has none there.
  std::string HeadOf(std::string_view tenant, std::string_view context) const;
  // The id of what a command made.
  std::string Make(std::string_view tenant, const Words& words) const;

  rpc::Client ClientOf(std::string_view tenant, std::string_view person = "trial") const {
    return process_->ClientOf(tenant, person);
  }
  app::InProcess& process() const { return *process_; }
  std::string address() const;

 private:
  void AskInto(std::string_view tenant, Words words, google::protobuf::Message& answer) const;

  std::unique_ptr<app::InProcess> process_;
};

}  // namespace holdfast::flow
