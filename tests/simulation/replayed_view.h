// One view of one tenant at one prefix of its accepted history: folded anew, without projector,
// journal or store.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "shed_views.h"

namespace holdfast::simulation {

class ReplayedView {
 public:
  explicit ReplayedView(const readmodel::ViewType& type) : type_(type) {}

  void Apply(const journal::v1::Commit& commit);
  Rows rows() const;

 private:
  void Apply(const google::protobuf::Message& event, const EventMeta& meta);

  const readmodel::ViewType& type_;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> by_key_;
};

}  // namespace holdfast::simulation
