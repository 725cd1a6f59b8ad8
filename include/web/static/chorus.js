// The script of every page. Each part finds by itself whether the page has what it serves.
import { startAdding } from "./add.js";
import { startAnswer } from "./answer.js";
import { startForm } from "./form.js";
import { startFrame } from "./frame.js";
import { startJobs } from "./jobs.js";
import { startKeys } from "./keys.js";
import { startLanguage } from "./language.js";
import { startLists } from "./lists.js";
import { startSettings } from "./settings.js";
import { startViews } from "./views.js";

startFrame();
startLanguage();
startKeys();
startLists();
startJobs();
startAdding();
startForm();
startAnswer();
startSettings();
startViews();
