#include "postgresql_store.hpp"
#include "stages/store/postgresql/server_fit.hpp"

namespace penstock::testing {
namespace {

struct postgresql_preflight_test : ::testing::Test {
    own_schema schema;

    std::string message(store_options options = {}) {
        return postgresql_store<quote>(schema.url(), quotes(), options).preflight_message();
    }
    /// The same after another program has made the table so.
    std::string message_for(const std::string& sql, store_options options = {}) {
        schema.other.run("drop table if exists quotes; " + sql);
        return message(options);
    }
    /// The message for an address; the table is there.
    std::string message_from(const std::string& url) {
        schema.other.run("create table if not exists quotes(symbol text, price float8, at_ms bigint)");
        return postgresql_store<quote>(url, quotes(), {}).preflight_message();
    }
};

/// A port of this machine on which nobody listens.
constexpr const char* nobody = "postgresql://me:planted-marker@127.0.0.1:1/db";

TEST_F(postgresql_preflight_test, P1_a_server_that_is_down_is_named_without_the_password) {
    const std::string message = message_from(nobody);
    EXPECT_TRUE(holds(message, "postgresql://me@127.0.0.1:1/db"));
    EXPECT_TRUE(holds(message, "Connection refused"));
    EXPECT_EQ(message.find("planted-marker"), message.npos);
    EXPECT_EQ(message.find('\n'), message.npos);
}

TEST_F(postgresql_preflight_test, P1_a_wrong_password_is_told_and_not_shown) {
    const std::string message = message_from(schema.url("with_password:planted-mistake"));
    EXPECT_TRUE(holds(message, "password authentication failed for user \"with_password\""));
    EXPECT_EQ(message.find("planted"), message.npos);
}

TEST_F(postgresql_preflight_test, the_right_password_opens) {
    schema.other.run("create table quotes(symbol text, price float8, at_ms bigint); grant usage on schema "
                     + schema.name + " to with_password; grant insert on quotes to with_password");
    EXPECT_EQ(message_from(schema.url("with_password:planted-marker")), "");
}

TEST_F(postgresql_preflight_test, P1_a_missing_database_is_named) {
    std::string url = server_url();
    url.replace(url.rfind('/'), std::string::npos, "/missing");
    EXPECT_TRUE(holds(message_from(url), "database \"missing\" does not exist"));
}

TEST_F(postgresql_preflight_test, P1_a_missing_table_names_the_cure) {
    EXPECT_TRUE(holds(message(), "does not exist; create it, or set create_table"));
    EXPECT_TRUE(holds(message(), "table quotes in postgresql://postgres@127.0.0.1"));
}

TEST_F(postgresql_preflight_test, P1_a_missing_schema_is_told) {
    const auto elsewhere = table("no_such_schema.quotes", column("symbol", &quote::symbol));
    EXPECT_TRUE(holds(postgresql_store<quote>(schema.url(), elsewhere, {}).preflight_message(), "does not exist"));
    EXPECT_TRUE(holds(postgresql_store<quote>(schema.url(), elsewhere, {.create_table = true}).preflight_message(),
                      "3F000 schema \"no_such_schema\" does not exist"));
}

TEST_F(postgresql_preflight_test, P1_a_missing_column_is_named) {
    EXPECT_TRUE(holds(message_for("create table quotes(symbol text, at_ms bigint)"), "has no column price"));
    EXPECT_TRUE(
        holds(message_for("create table quotes(symbol text, \"Price\" float8, at_ms bigint)"), "no column price"));
}

TEST_F(postgresql_preflight_test, P1_a_user_without_the_right_to_insert_is_told) {
    schema.other.run("grant usage on schema " + schema.name + " to without_rights");
    EXPECT_TRUE(holds(message_from(schema.url("without_rights")), "no right to INSERT into column symbol"));
    schema.other.run("grant insert (symbol, price, at_ms) on quotes to without_rights");
    EXPECT_EQ(message_from(schema.url("without_rights")), "");
}

TEST_F(postgresql_preflight_test, P1_a_user_without_the_rights_that_a_policy_needs_is_told) {
    const auto message_under = [&](conflict_policy policy) {
        return postgresql_store<quote>(schema.url("without_rights"), quotes(), {.conflicts = policy})
            .preflight_message();
    };
    schema.other.run("create table quotes(symbol text, price float8, at_ms bigint, primary key (symbol, at_ms));"
                     "grant usage on schema " + schema.name + " to without_rights;"
                     "grant insert on quotes to without_rights");
    EXPECT_TRUE(holds(message_under(conflict_policy::ignore), "needs: INSERT, SELECT; it says 42501"));
    schema.other.run("grant select on quotes to without_rights");
    EXPECT_EQ(message_under(conflict_policy::ignore), "");
    EXPECT_TRUE(holds(message_under(conflict_policy::update), "needs: INSERT, SELECT, UPDATE; it says 42501"));
    schema.other.run("grant update on quotes to without_rights");
    EXPECT_EQ(message_under(conflict_policy::update), "");
}

TEST_F(postgresql_preflight_test, P1_a_server_that_is_too_old_is_told) {
    using detail::postgresql::why_version_is_unfit;
    EXPECT_TRUE(
        holds(why_version_is_unfit(90624), "is a PostgreSQL 9.6 and too old; penstock stores into 12 and later"));
    EXPECT_TRUE(holds(why_version_is_unfit(110022), "PostgreSQL 11 and"));
    EXPECT_EQ(why_version_is_unfit(120000), "");
    EXPECT_EQ(why_version_is_unfit(170002), "");
}

TEST_F(postgresql_preflight_test, a_column_that_gets_no_value_is_named) {
    const std::string columns = "create table quotes(symbol text, price float8, at_ms bigint, ";
    EXPECT_TRUE(holds(message_for(columns + "venue text not null)"), "has a column venue that is NOT NULL"));
    EXPECT_EQ(message_for(columns + "venue text not null default 'x')"), "");
    EXPECT_EQ(message_for(columns + "venue text)"), "");
    EXPECT_EQ(message_for(columns + "id bigserial primary key)"), "");
    EXPECT_EQ(message_for(columns + "id bigint generated always as identity primary key)"), "");
    EXPECT_EQ(message_for(columns + "twice float8 not null generated always as (price * 2) stored)"), "");
    schema.other.run("create domain filled as text not null default 'x'; create domain empty as text not null");
    EXPECT_EQ(message_for(columns + "venue filled)"), "");
    EXPECT_TRUE(holds(message_for(columns + "venue empty)"), "has a column venue that is NOT NULL"));
    schema.other.run("drop table quotes");
}

TEST_F(postgresql_preflight_test, a_computed_column_cannot_be_stored_into) {
    EXPECT_TRUE(holds(
        message_for("create table quotes(symbol text, price float8, at_ms bigint generated always as (1) stored)"),
        "computes its column at_ms itself"));
    EXPECT_TRUE(
        holds(message_for("create table quotes(symbol text, price float8, at_ms bigint generated always as identity)"),
              "computes its column at_ms itself"));
    EXPECT_EQ(
        message_for("create table quotes(symbol text, price float8, at_ms bigint generated by default as identity)"),
        "");
}

TEST_F(postgresql_preflight_test, S5_types_that_would_change_values_are_refused) {
    EXPECT_TRUE(holds(message_for("create table quotes(symbol text, price real, at_ms bigint)"),
                      "declares its column price as real, which would change or refuse real values; declare it as "
                      "double precision"));
    EXPECT_TRUE(
        holds(message_for("create table quotes(symbol text, price numeric(10,2), at_ms bigint)"), "numeric(10,2)"));
    EXPECT_TRUE(holds(message_for("create table quotes(symbol text, price float8, at_ms float8)"), "at_ms as double"));
    EXPECT_TRUE(holds(message_for("create table quotes(symbol name, price float8, at_ms bigint)"), "symbol as name"));
    for (const std::string text :
         {"varchar(9)", "char(9)", "date", "timestamptz", "uuid", "jsonb", "numeric(9,2)", "text[]"})
        EXPECT_EQ(message_for("create table quotes(symbol " + text + ", price numeric, at_ms int)"), "") << text;
    schema.other.run("create domain positive as bigint check (value > 0); create type side as enum ('buy', 'sell')");
    EXPECT_EQ(message_for("create table quotes(symbol side, price float8, at_ms positive)"), "");
    schema.other.run("create domain rough as real");
    EXPECT_TRUE(holds(message_for("create table quotes(symbol text, price rough, at_ms bigint)"), "price as rough"));
}

TEST_F(postgresql_preflight_test, what_takes_no_rows_is_refused) {
    EXPECT_TRUE(
        holds(message_for("create view quotes as select 'A'::text as symbol, 1::float8 as price, 2::bigint as at_ms"),
              "cannot copy to view \"quotes\""));
    schema.other.run("drop view quotes");
    EXPECT_TRUE(holds(message_for("create materialized view quotes as select 1 as symbol"), "is no table"));
    schema.other.run("drop materialized view quotes");
    EXPECT_EQ(message_for("create table quotes(symbol text, price float8, at_ms bigint) partition by list (symbol)"),
              "");
}

TEST_F(postgresql_preflight_test, a_read_only_session_is_refused) {
    EXPECT_TRUE(holds(message_from(schema.url() + "%20-cdefault_transaction_read_only%3Don"), "can only be read"));
}

TEST_F(postgresql_preflight_test, another_primary_key_is_refused_where_the_program_would_create_the_table) {
    const std::string other_key = "create table quotes(symbol text primary key, price float8, at_ms bigint)";
    EXPECT_TRUE(holds(message_for(other_key, {.create_table = true}), "another primary key"));
    EXPECT_EQ(message_for(other_key), "");
    EXPECT_EQ(message_for("create table quotes(symbol text, price float8, at_ms bigint, primary key(at_ms, symbol))",
                          {.create_table = true}),
              "");
}

TEST_F(postgresql_preflight_test, a_preflight_leaves_no_row_and_no_lock) {
    schema.other.run("create sequence fired; create table quotes(symbol text, price float8, at_ms bigint)");
    postgresql_store<quote> store(schema.url(), quotes(), {});
    EXPECT_EQ(store.preflight_message(), "");
    schema.other.run("set lock_timeout = '1s'; alter table quotes add column later text");
    EXPECT_EQ(schema.other.value("select count(*) from quotes"), "0");
}

TEST_F(postgresql_preflight_test, X3_the_environment_cannot_lead_to_another_server) {
    setenv("PGHOSTADDR", "127.0.0.2", 1);
    const std::string message = message_from(schema.url());
    unsetenv("PGHOSTADDR");
    EXPECT_TRUE(holds(message, "PGHOSTADDR"));
    setenv("PGHOST", "127.0.0.2", 1);
    setenv("PGPORT", "1", 1);
    setenv("PGDATABASE", "missing", 1);
    EXPECT_EQ(message_from(schema.url()), "");
}

TEST_F(postgresql_preflight_test, X4_an_address_that_cannot_be_read_is_refused_without_being_quoted) {
    for (const std::string address : {"postgresql://me:planted%zz@h/d", "postgresql://me:planted@h:5?planted=1",
                                      "postgresql://me:x@[::1/planted"}) {
        const std::string message = refusal_of([&] { detail::make_store_piece(database(address), quotes(), {}); });
        EXPECT_TRUE(holds(message, "cannot be read"));
        EXPECT_EQ(message.find("planted"), message.npos);
    }
}

}  // namespace
}  // namespace penstock::testing
