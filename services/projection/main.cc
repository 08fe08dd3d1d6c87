#include "app/main.h"

#include "projection/board_service.h"

int main(int argc, char** argv) {
  return holdfast::app::Main(argc, argv, {holdfast::projection::Board});
}
