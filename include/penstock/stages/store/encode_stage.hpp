#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "penstock/detail/any_stage.hpp"
#include "penstock/stages/store/backend.hpp"
#include "penstock/stages/store/encoded_rows.hpp"
#include "penstock/stages/store/table.hpp"

namespace penstock::detail {

/// The parallel half of store: turns an item's row, or vector of rows, into the wire form of the database, so that the
/// writer only has to send.
///
///     in → out   Row or std::vector<Row> → encoded_rows
///     mode       parallel; an encoder for each worker
///     waits      never
///     fails      item: load, for a cell that the database would refuse or change silently; all its rows are gone
template <class Row, class In>
class encode_stage final : public any_stage {
public:
    encode_stage(database to, table<Row> rows)
        : any_stage("store", mode::parallel, value_type_of<encoded_rows>),
          to_(std::move(to)),
          table_(std::move(rows)) {}

    void open(unsigned workers) override {
        encoders_.clear();
        for (unsigned i = 0; i < workers; ++i) encoders_.push_back(make_encoder(to_, table_.spec()));
    }

    verdict apply(void* in, void* out, failure& why, unsigned worker) override {
        row_encoder& encoder = *encoders_[worker];
        encoder.begin();
        read(*static_cast<const In*>(in), encoder);
        if (encoder.refused()) {
            why = failure{error_kind::load, encoder.refusal()};
            return verdict::fail;
        }
        std::construct_at(static_cast<encoded_rows*>(out), encoder.finish());
        return verdict::pass;
    }

private:
    void read(const Row& row, row_encoder& encoder) const { table_.read(row, encoder); }
    void read(const std::vector<Row>& rows, row_encoder& encoder) const {
        for (const Row& row : rows) {
            table_.read(row, encoder);
            if (encoder.refused()) return;
        }
    }

    database to_;
    table<Row> table_;
    std::vector<std::unique_ptr<row_encoder>> encoders_;
};

}  // namespace penstock::detail
