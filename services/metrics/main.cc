#include "app/main.h"

#include "metrics/metrics_service.h"
#include "metrics/publish_shipped.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv, {holdfast::metrics::Metrics}, nullptr,
                             holdfast::metrics::PublishShipped);
}
