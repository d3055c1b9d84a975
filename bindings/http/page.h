/* SPDX-License-Identifier: Apache-2.0 */
/* page.h: the page to look at, which is part of the program. */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

struct request;

/* GET / and GET /page/{name}. Needs no key: the page asks for one. */
void page_show(struct request *request);

#endif
