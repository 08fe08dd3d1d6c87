#include "app/main.h"

#include "audit/audit_service.h"
#include "audit/audit_worker.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv, {holdfast::audit::Audit}, nullptr, nullptr,
                             holdfast::audit::StartSigning);
}
