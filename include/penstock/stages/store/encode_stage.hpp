#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <tuple>
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
///     in → out   Row or std::vector<Row> → encoded_rows; for several tables a std::tuple of these
///     mode       parallel; an encoder for each worker and table
///     waits      never
///     fails      item: load, for a cell that the database would refuse or change silently; all its rows are gone
template <class In, class... Rows>
class encode_stage final : public any_stage {
public:
    encode_stage(database to, std::tuple<table<Rows>...> tables)
        : any_stage("store", mode::parallel, value_type_of<encoded_rows>),
          to_(std::move(to)),
          tables_(std::move(tables)) {}

    void open(unsigned workers) override {
        encoders_.clear();
        for (unsigned i = 0; i < workers; ++i)
            encoders_.push_back(
                std::apply([this](const auto&... one) { return encoders{make_encoder(to_, one.spec())...}; }, tables_));
    }

    verdict apply(void* in, void* out, failure& why, unsigned worker) override {
        encoders& to = encoders_[worker];
        const In& value = *static_cast<const In*>(in);
        if constexpr (sizeof...(Rows) == 1) {
            if (!read(std::get<0>(tables_), value, *to[0], why)) return verdict::fail;
            std::construct_at(static_cast<encoded_rows*>(out), to[0]->finish());
        } else {
            encoded_rows all;
            if (!read_tables(value, to, all, why, std::index_sequence_for<Rows...>())) return verdict::fail;
            std::construct_at(static_cast<encoded_rows*>(out), std::move(all));
        }
        return verdict::pass;
    }

private:
    using encoders = std::array<std::unique_ptr<row_encoder>, sizeof...(Rows)>;

    template <std::size_t... Places>
    bool read_tables(const In& value, encoders& to, encoded_rows& all, failure& why,
                     std::index_sequence<Places...>) const {
        all.parts.reserve(sizeof...(Rows));
        return ((read(std::get<Places>(tables_), std::get<Places>(value), *to[Places], why)
                 && (all.append(to[Places]->finish()), true))
                && ...);
    }

    template <class Row, class Value>
    static bool read(const table<Row>& from, const Value& value, row_encoder& encoder, failure& why) {
        encoder.begin();
        read_rows(from, value, encoder);
        if (encoder.refused()) why = failure{error_kind::load, encoder.refusal()};
        return !encoder.refused();
    }
    template <class Row>
    static void read_rows(const table<Row>& from, const Row& row, row_encoder& encoder) {
        from.read(row, encoder);
    }
    template <class Row>
    static void read_rows(const table<Row>& from, const std::vector<Row>& rows, row_encoder& encoder) {
        for (const Row& row : rows) {
            from.read(row, encoder);
            if (encoder.refused()) return;
        }
    }

    database to_;
    std::tuple<table<Rows>...> tables_;
    std::vector<encoders> encoders_;
};

}  // namespace penstock::detail
