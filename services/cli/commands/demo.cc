// demo load
#include "cli/command.h"
#include "cli/demo/load.h"
#include "cli/invocation.h"

namespace holdfast::cli {

Commands DemoCommands() {
  return {{"demo load",
           "Fill the demonstration force Westmoor, through the API only",
           {},
           {{"--if-empty", "", "Do nothing where it is loaded already"},
            {"--truth", "FILE", "Write there what was planted"}},
           "holdfast demo load --if-empty",
           [](Invocation& in) {
             return demo::LoadWestmoor(in.session(), {in.Has("--if-empty"), in.Get("--truth")});
           }}};
}

}  // namespace holdfast::cli
