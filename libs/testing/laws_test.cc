#include "testing/laws.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "testing/tool_shed.h"

namespace holdfast::testing {
namespace {

// Ann is enrolled for three tools.
class Ann final : public Neighbours {
 public:
  Ann() {
    ann_.set_enrolled(true);
    ann_.set_limit(3);
  }
  const google::protobuf::Message* Find(std::string_view kind, std::string_view) const override {
    return kind == Member::kStream ? &ann_ : nullptr;
  }
  std::vector<std::string> Holding(std::string_view, std::string_view) const override { return {}; }

 private:
  v1::MemberState ann_;
};

Tool::Command AnyToolCommand(Random& random) {
  switch (random.Below(4)) {
    case 0: {
      v1::RegisterTool command;
      command.set_label(random.Below(2) == 0 ? "drill" : "saw");
      return command;
    }
    case 1: {
      v1::LendTool command;
      command.set_member_id("ann");
      command.mutable_due_at()->set_seconds(absl::ToUnixSeconds(kSomeday) +
                                            static_cast<std::int64_t>(random.Below(1000)));
      return command;
    }
    case 2:
      return v1::ReturnTool();
    default:
      return v1::NoteOverdue();
  }
}

TEST(Laws, HoldForTheToolShed) {
  const Ann ann;
  LawOptions options;
  options.neighbours = &ann;
  CheckDeciderLaws<Tool>(AnyToolCommand, options);
}

// A decider that counts each request, and whose timer never ends.
struct Forgetful : Tool {
  static Decision Decide(const State& now, const v1::RegisterTool& command,
                         const DecisionContext& context) {
    return Tool::Decide(now, command, context);
  }
  static Decision Decide(const State&, const v1::LendTool& command, const DecisionContext&) {
    v1::ToolLent lent;
    lent.set_member_id(command.member_id());
    return lent;
  }
  static Decision Decide(const State& now, const v1::ReturnTool& command,
                         const DecisionContext& context) {
    return Tool::Decide(now, command, context);
  }
  static Decision Decide(const State&, const v1::NoteOverdue&, const DecisionContext&) {
    return {};
  }
};

TEST(Laws, CatchACommandThatCountsTwice) {
  EXPECT_NONFATAL_FAILURE(CheckDeciderLaws<Forgetful>([](Random&) -> Tool::Command {
                            v1::LendTool command;
                            command.set_member_id("ann");
                            return command;
                          }),
                          "asked twice");
}

struct Restless : Tool {
  using Tool::Decide;
  static std::vector<DueAt> Due(const State&) { return {{"overdue", kSomeday}}; }
};

TEST(Laws, CatchATimerThatNeverEnds) {
  EXPECT_NONFATAL_FAILURE(
      CheckDeciderLaws<Restless>([](Random&) -> Tool::Command { return v1::ReturnTool(); }),
      "timers end");
}

}  // namespace
}  // namespace holdfast::testing
