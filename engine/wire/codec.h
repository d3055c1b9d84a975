/* SPDX-License-Identifier: Apache-2.0 */
/* codec.h: frames to structs and back; pure functions without I/O. */
#ifndef CLUTCH_WIRE_CODEC_H
#define CLUTCH_WIRE_CODEC_H

#include "wire/message.h"

/* Reads a header. False when the kind is unknown, was not sent by sender, may not come in phase, or
 * the payload is longer than its row allows. */
bool codec_header(const uint8_t bytes[WIRE_HEADER_BYTES], enum wire_sender sender, unsigned phase,
                  struct wire_header *out);

/* ---- Writing. A frame is begun, filled and ended; a failed buffer stays failed. ---- */

/* Starts a frame at the end of out; returns its offset for codec_end. */
size_t codec_begin(struct buf *out, enum wire_kind kind);
void codec_end(struct buf *out, size_t begun);

void codec_put_u32(struct buf *out, uint32_t value);
void codec_put_u64(struct buf *out, uint64_t value);
void codec_put_text(struct buf *out, const char *data, size_t length);
void codec_put_string(struct buf *out, const char *string);

/* A list of strings ended by NULL. */
void codec_put_strings(struct buf *out, const char *const *strings);

/* Starts a list of items; returns its offset for codec_list_end. */
size_t codec_list_begin(struct buf *out);
void codec_list_end(struct buf *out, size_t begun, uint32_t count);

/* ---- Reading. False when the payload is not exactly such a message. Texts that name or show
 * something are checked to be UTF-8; list items are checked one by one as they are walked. ---- */

bool codec_warm(const struct wire_frame *frame, struct wire_warm *out);
bool codec_warmed(const struct wire_frame *frame, struct wire_warmed *out);
bool codec_refused(const struct wire_frame *frame, struct wire_refused *out);
bool codec_fork(const struct wire_frame *frame, struct wire_fork *out);
bool codec_forked(const struct wire_frame *frame, struct wire_forked *out);
bool codec_reap(const struct wire_frame *frame, struct wire_reap *out);
bool codec_reaped(const struct wire_frame *frame, struct wire_reaped *out);
bool codec_execute(const struct wire_frame *frame, struct wire_execute *out);
bool codec_output(const struct wire_frame *frame, struct wire_output *out);
bool codec_cut(const struct wire_frame *frame, struct wire_cut *out);
bool codec_done(const struct wire_frame *frame, struct wire_done *out);
bool codec_looked(const struct wire_frame *frame, struct wire_looked *out);
bool codec_save(const struct wire_frame *frame, struct wire_save *out);
bool codec_clone(const struct wire_frame *frame, struct wire_clone *out);
bool codec_expect(const struct wire_frame *frame, struct wire_expect *out);
bool codec_adopt(const struct wire_frame *frame, struct wire_adopt *out);
bool codec_kept(const struct wire_frame *frame, struct wire_kept *out);
bool codec_not_kept(const struct wire_frame *frame, struct wire_not_kept *out);

/* Takes the next item off a list. False at its end and when it is malformed; the list is well formed
 * exactly when count is 0 and length is 0 after the last. */
bool codec_next_text(struct wire_list *list, struct wire_text *out);
bool codec_next_file(struct wire_list *list, struct wire_file *out);
bool codec_next_dataframe(struct wire_list *list, struct wire_dataframe *out);
bool codec_next_facility(struct wire_list *list, struct wire_facility *out);
bool codec_next_left_out(struct wire_list *list, struct wire_left_out *out);
bool codec_next_refusal(struct wire_list *list, struct wire_refusal_row *out);

#endif
