import { Controller, Get, Req, Res } from '@nestjs/common';
import { language, Page, Public } from '@kendt/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Who comes to the bare address is a person; what there is for a person is the account. */
@Public()
@Controller()
export class HomeController {
  @Get()
  @Page()
  home(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    void reply.redirect(`/account?lang=${language(request)}`, 303);
  }
}
