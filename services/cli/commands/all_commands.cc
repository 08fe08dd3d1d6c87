#include <iterator>

#include "cli/command.h"

namespace holdfast::cli {

Commands AllCommands() {
  Commands all;
  for (Commands (*group)() :
       {SiteCommands,      GateCommands,      PhaseCommands,      BaselineCommands,
        BoardCommands,     MeasureCommands,   ImportCommands,     AgencyCommands,
        MemberCommands,    AgreementCommands, ClientCommands,     OperatorCommands,
        GeographyCommands, ReferenceCommands, StatisticsCommands, OperationsCommands,
        TenantCommands,    BackupCommands,    AuditCommands,      KafkaCommands,
        CapacityCommands,  SessionCommands,   DemoCommands}) {
    Commands commands = group();
    std::move(commands.begin(), commands.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace holdfast::cli
