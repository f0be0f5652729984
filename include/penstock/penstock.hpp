#pragma once

/// Everything of penstock but its testing aids, which are in `penstock/testing/`.

#include "penstock/abort_thresholds.hpp"
#include "penstock/archive.hpp"
#include "penstock/blame.hpp"
#include "penstock/client.hpp"
#include "penstock/compose.hpp"
#include "penstock/each.hpp"
#include "penstock/errors.hpp"
#include "penstock/item_key.hpp"
#include "penstock/ledgers.hpp"
#include "penstock/pipeline.hpp"
#include "penstock/result.hpp"
#include "penstock/sources/from.hpp"
#include "penstock/sources/generate.hpp"
#include "penstock/sources/lines.hpp"
#include "penstock/sources/replay.hpp"
#include "penstock/stages/fetch.hpp"
#include "penstock/stages/parse.hpp"
#include "penstock/stages/parse/read_json.hpp"
#include "penstock/stages/store.hpp"
