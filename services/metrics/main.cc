#include "app/main.h"

#include "metrics/metrics_service.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv, {holdfast::metrics::Metrics});
}
