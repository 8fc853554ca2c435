namespace ModelCompiler.Diagnostics;

/// <summary>
/// Every diagnostic of the product, in one place. An id is never reused or changed in meaning. A text says what is wrong and what to do; the
/// place (file, node, item) is added where it is reported. {0}, {1}… are filled by the reporter.
/// </summary>
internal static class DiagnosticTable
{
    // OM10xx: the model file.
    public static readonly DiagnosticDescriptor ModelNotFound = new("OM1001", "The model file '{0}' does not exist.{1} Correct the Include of the OptimizedModel item.");
    public static readonly DiagnosticDescriptor ModelNotOnnx = new("OM1002", "The file is not an ONNX model: {0}. Another name does not convert it: export or convert the model to ONNX.");
    public static readonly DiagnosticDescriptor ModelTruncated = new("OM1003", "The model file ends in the middle of its data. Download or export it again.");
    public static readonly DiagnosticDescriptor ModelInvalid = new("OM1004", "The model is not valid ONNX: {0}.");
    public static readonly DiagnosticDescriptor ModelTooLarge = new("OM1005", "The model exceeds a limit that protects the build: {0}.");
    public static readonly DiagnosticDescriptor ExternalDataInvalid = new("OM1006", "The external data of tensor '{0}' cannot be read: {1}.");
    public static readonly DiagnosticDescriptor ModelRefusedByRuntime = new("OM1007", "ONNX Runtime does not accept the model as it was given: {0}. {1}");
    public static readonly DiagnosticDescriptor ModelIsLfsPointer = new("OM1008", "The file is a Git LFS pointer and not the model itself. Run 'git lfs pull', and install Git LFS where the build runs.");
    public static readonly DiagnosticDescriptor ModelIsWebPage = new("OM1009", "The file is an HTML or XML page and not a model, as a failed download leaves it. Download the model again, from its raw link.");
    public static readonly DiagnosticDescriptor ModelIsText = new("OM1010", "The file is text and not an ONNX model. Export the model in the binary .onnx format.");
    public static readonly DiagnosticDescriptor ModelEmpty = new("OM1011", "The model file is empty. Download or export it again.");
    public static readonly DiagnosticDescriptor ModelIsCompiled = new("OM1012", "Node '{0}' holds a graph that was compiled for one execution provider ({1}), which cannot be optimized. Use the model that it was compiled from.");
    public static readonly DiagnosticDescriptor ModelExceedsProtobuf = new("OM1013", "The model cannot be written as one file: its tensors take {0} bytes there, and the format allows 2 GiB. Write it with external data.");
    public static readonly DiagnosticDescriptor ModelIsFolder = new("OM1014", "'{0}' is a folder and not a model file. Name the .onnx file in it.");
    public static readonly DiagnosticDescriptor ModelChanged = new("OM1015", "The model file has the SHA-256 {0}, and the item pins {1}. Restore the file, or correct Sha256 if the change is meant.");

    // OM11xx: the manifest and what is generated from it.
    public static readonly DiagnosticDescriptor ManifestInvalid = new("OM1101", "The manifest '{0}' cannot be read: {1}. Delete it and build again; it is made from the model.");
    public static readonly DiagnosticDescriptor SignatureNotSupported = new("OM1102", "No predictor can be generated for the model '{0}': {1}.");
    public static readonly DiagnosticDescriptor NamesCollide = new("OM1103", "Two names of the model '{0}' give the same C# name; the later one became '{1}'.");
    public static readonly DiagnosticDescriptor LanguageTooOld = new("OM1104", "The predictors need C# {0} or newer, and this project is compiled as C# {1}. Raise LangVersion, or leave it out.");

    // OM2xxx: the item's settings.
    public static readonly DiagnosticDescriptor SettingUnknown = new("OM2001", "'{0}' is no setting of OptimizedModel items.{1} The README lists them.");
    public static readonly DiagnosticDescriptor SettingValueUnknown = new("OM2002", "{0}=\"{1}\" is not allowed. Allowed are: {2}.{3}");
    public static readonly DiagnosticDescriptor SettingNotNumber = new("OM2003", "{0}=\"{1}\" should be {2}.");
    public static readonly DiagnosticDescriptor SettingMalformed = new("OM2004", "{0}=\"{1}\" should be {2}.");
    public static readonly DiagnosticDescriptor SettingNeedsOther = new("OM2005", "{0} needs {1}: {2}.");
    public static readonly DiagnosticDescriptor RequestInvalid = new("OM2006", "The build request '{0}' cannot be used: {1}. It is written by the ModelCompiler package; use one version of package and tool.");
    public static readonly DiagnosticDescriptor SettingFileMissing = new("OM2007", "{0} names the file '{1}', which does not exist. Paths start at the folder of the project (of the command line: at the current one).");
    public static readonly DiagnosticDescriptor ItemNamesCollide = new("OM2101", "Two OptimizedModel items have the name '{0}', and their outputs would overwrite each other: '{1}' and '{2}'. Give one of them another name with Name=\"...\".");
    public static readonly DiagnosticDescriptor ItemNameInvalid = new("OM2102", "Name=\"{0}\" cannot be the name of a file. Use a name without directories and special characters.");
    public static readonly DiagnosticDescriptor TypeNameInvalid = new("OM2103", "{0}=\"{1}\" cannot be the name of the generated type. Use letters, digits and underscores, no word of the language, and no name of a member that every predictor has.");
    public static readonly DiagnosticDescriptor TypeNamesCollide = new("OM2104", "Two models give the type '{0}', or a type that differs only in case. Give one of them another name with ClassName=\"...\" or Namespace=\"...\".");
    public static readonly DiagnosticDescriptor FeatureMissing = new("OM2105", "{0} is not available in this version. Leave it out, or use one of the values that the README lists as working today.");

    // OM22xx: sample data for calibration, evaluation and comparison.
    public static readonly DiagnosticDescriptor DataNotFound = new("OM2201", "The data '{0}' does not exist. Give a .npz or .npy file, or a folder of them.");
    public static readonly DiagnosticDescriptor DataFolderEmpty = new("OM2202", "The folder '{0}' holds no .npz or .npy file.");
    public static readonly DiagnosticDescriptor DataNotArrays = new("OM2203", "'{0}' is no NumPy file: {1}. Write it with numpy.savez or numpy.save, and check that a Git LFS pointer has been replaced by its file.");
    public static readonly DiagnosticDescriptor ArrayInvalid = new("OM2204", "The array {0} cannot be read: {1}.");
    public static readonly DiagnosticDescriptor ArrayPickled = new("OM2205", "The array {0} holds pickled Python objects, which are programs and are never run. Save plain numbers: numpy.asarray(x, dtype=numpy.float32).");
    public static readonly DiagnosticDescriptor ArrayTypeUnsupported = new("OM2206", "The elements of array {0} are of type {1}, which no model input takes. Save numbers or booleans.");
    public static readonly DiagnosticDescriptor ArrayMissing = new("OM2207", "'{0}' has no array '{1}', which the model needs as input. It has: {2}. Name the arrays after the model's inputs: numpy.savez(file, **{{'{1}': x}}).");
    public static readonly DiagnosticDescriptor ArrayUnexpected = new("OM2208", "'{0}' has an array '{1}', and the model has no input of that name. The inputs are: {2}.");
    public static readonly DiagnosticDescriptor ArrayTypeMismatch = new("OM2209", "The array {0} holds {1}, and the model's input takes {2}. Convert it: {3}.");
    public static readonly DiagnosticDescriptor ArrayShapeMismatch = new("OM2210", "The array {0} has the shape {1}, and the model's input needs {2}, where the first dimension counts the samples.");
    public static readonly DiagnosticDescriptor SampleCountMismatch = new("OM2211", "The arrays of '{0}' give different numbers of samples: {1}. Each array has one entry per sample; an input without a batch dimension takes an array of one more dimension.");
    public static readonly DiagnosticDescriptor DataEmpty = new("OM2212", "'{0}' holds no samples.");
    public static readonly DiagnosticDescriptor InputNotNumeric = new("OM2213", "Input '{0}' of the model takes {1}, which NumPy files cannot give: samples are not for this model. Precision=\"Int8Dynamic\", \"Int4\" and \"Float16\" need none.");
    public static readonly DiagnosticDescriptor LabelsMissing = new("OM2214", "'{0}' has no array 'labels'. Accuracy is measured against labels: add an integer array with the class of each sample.");
    public static readonly DiagnosticDescriptor LabelsInvalid = new("OM2215", "The array 'labels' in '{0}' is {1}, and should be {2} integers, one class per sample.");
    public static readonly DiagnosticDescriptor LabelOutOfRange = new("OM2216", "The label {0} is no class of output '{1}', which has {2} classes. Number the classes from 0, in the order of the model's output.");
    public static readonly DiagnosticDescriptor NoClassOutput = new("OM2217", "Accuracy cannot be measured: no output of the model gives one class per sample, as scores along one dimension or as an integer. The outputs are {0}.");
    public static readonly DiagnosticDescriptor OutputsNotComparable = new("OM2218", "The output '{0}' cannot be compared: it is {1} in one model and {2} in the other.");
    public static readonly DiagnosticDescriptor ModelsNotComparable = new("OM2219", "The models cannot be compared: one has the {0} {1}, the other {2}. Give two models with the same names, or with as many.");
    public static readonly DiagnosticDescriptor DimensionOpen = new("OM2220", "Dimension {0} of input '{1}' is open. Fix it with --dim {2}=<size>, or give samples with --data.");
    public static readonly DiagnosticDescriptor DimensionUnknown = new("OM2221", "No open dimension of the model is called '{0}'. Open are: {1}.");
    public static readonly DiagnosticDescriptor InputNotRandom = new("OM2222", "No random values can be made for input '{0}', which is {1}. Give samples with --data.");
    public static readonly DiagnosticDescriptor SampleNotFinite = new("OM2223", "The array {0} holds {1} at {2}. Ranges, agreement and accuracy mean nothing with it (it may stand only where the model answers finitely all the same, as to missing values that it fills in): remove the sample, or write a finite number (-10000 where an attention mask has -inf).");
    public static readonly DiagnosticDescriptor CalibrationMissing = new("OM2230", "Precision=\"Int8\" measures the range of each activation on sample inputs, and there are none. Give some with Calibration=\"samples.npz\", arrays named after the model's inputs; a hundred typical ones are enough.");
    public static readonly DiagnosticDescriptor CalibrationMadeUp = new("OM2231", "Precision=\"Int8\" measured the range of each activation on random inputs, as there are no others: on real ones the model may be much less accurate than its source. Give some with Calibration=\"samples.npz\", arrays named after the model's inputs; a hundred typical ones are enough.");
    public static readonly DiagnosticDescriptor TuningSamplesMissing = new("OM2232", "Precision=\"Auto\" compares precisions by what they answer to samples, and there are none. Give some with Calibration=\"samples.npz\" or Evaluation; a hundred typical ones are enough.");
    public static readonly DiagnosticDescriptor PlanStale = new("OM2240", "The plan keeps '{0}' in floating point, and the model computes no such tensor any more. Make the plan anew.");
    public static readonly DiagnosticDescriptor PlanOfOther = new("OM2241", "The plan was made for another model or other settings of Outputs and Dimensions. Write it again with modelc tune, or delete it to have the next build do so.");
    public static readonly DiagnosticDescriptor PlanInvalid = new("OM2242", "The plan cannot be read: {0}. Delete it, and write it again with modelc tune.");
    public static readonly DiagnosticDescriptor PlanOfOtherObjective = new("OM2243", "The plan beside the model was made with Objective=\"{0}\", and is followed though Objective=\"{1}\" is asked for. Write it again with modelc tune and the settings of the item, or delete it to have the next build do so.");

    // OM2xxx: the item's settings.
    public static readonly DiagnosticDescriptor OutputUnknown = new("OM2301", "Outputs names '{0}', which the model does not compute. Its outputs are: {1}.");
    public static readonly DiagnosticDescriptor DimensionsInvalid = new("OM2302", "Dimensions=\"{0}\" cannot be read at '{1}'. Write name=size, several with ';' between them, with sizes above 0.");
    public static readonly DiagnosticDescriptor OutputsEmpty = new("OM2303", "Outputs names no output. Name at least one, or leave it out to keep all.");
    public static readonly DiagnosticDescriptor TensorUnknown = new("OM2310", "{0} names '{1}', which is no {2} of the model.{3} It has: {4}.");
    public static readonly DiagnosticDescriptor MemberNameInvalid = new("OM2311", "Rename=\"{0}\" cannot be: '{1}' {2}. Give each tensor a name of its own, of letters, digits and underscores.");
    public static readonly DiagnosticDescriptor StateMismatch = new("OM2312", "State=\"{0}={1}\" cannot be: {2}. The output of one call is the input of the next, so both must be tensors of one type and shape.");
    public static readonly DiagnosticDescriptor LabelsUnfit = new("OM2313", "Labels=\"{0}\" names {1} classes, and no output has as many along its last dimension. The outputs are {2}. Check that there is a line for each class, in the model's order.");
    public static readonly DiagnosticDescriptor BatchNotOpen = new("OM2314", "Batch=\"{0}\" needs a model whose inputs leave their first dimension open: {1}. Export the model with a dynamic batch dimension, or leave Batch out.");
    public static readonly DiagnosticDescriptor BatchExceeded = new("OM2315", "MaxBatch=\"{0}\" and Batch=\"{1}\" contradict each other: every run has {1} samples. Leave MaxBatch out.");
    public static readonly DiagnosticDescriptor EmbeddedTooLarge = new("OM2316", "Link=\"Embedded\" needs the model in one file, and its tensors take more than that may hold. Use Link=\"File\".");
    public static readonly DiagnosticDescriptor ImageMalformed = new("OM2317", "Image=\"{0}\" cannot be read at '{1}': {2}.");
    public static readonly DiagnosticDescriptor ImageUnfit = new("OM2318", "Image: the input '{0}' cannot take pictures: it is {1}. It should be a float32, float16 or uint8 tensor [batch, {2}, height, width] or [batch, height, width, {2}].");
    public static readonly DiagnosticDescriptor ProviderOptionUnknown = new("OM2330", "ProviderOptions names '{0}', which is no option of {1}.{2} ONNX Runtime's documentation of the provider lists them.");
    public static readonly DiagnosticDescriptor ProviderAfterCpu = new("OM2331", "ExecutionProvider=\"{0}\" is an order of preference, and the CPU can always be used: {1} would never be asked. Put Cpu last.");
    public static readonly DiagnosticDescriptor PrecisionNotForProvider = new("OM2332", "Precision=\"{0}\" is not available for the execution provider {1}: {3}. Use {2}, or put another provider first.");

    // OM3xxx: a pass.
    public static readonly DiagnosticDescriptor OpsetConversionMissing = new("OM3001", "{0} needs operator set {1}, the model is in {2}, and there is no rule to convert {3}. Export the model with opset {1} or newer.");

    // OM4xxx: budgets, and what was measured.
    public static readonly DiagnosticDescriptor AccuracyBudgetMissed = new("OM4001", "MaxAccuracyDrop=\"{0}\" cannot be held: the best that was found loses {1} points on {2} samples ({3}). Allow a larger drop, {4}or use Precision=\"Float32\".");
    public static readonly DiagnosticDescriptor SlowerThanSource = new("OM4002", "The compiled model takes {0} times as long as its source on this machine. Compare with modelc bench, and {1} if this holds where the program will run.");
    public static readonly DiagnosticDescriptor AccuracyNotMeasured = new("OM4003", "MaxAccuracyDrop=\"{0}\" cannot be checked: there are no samples to run the model on. Give some with Calibration or Evaluation.");
    public static readonly DiagnosticDescriptor NothingQuantized = new("OM4004", "Precision=\"{0}\" found nothing in the model to work on, which is compiled as Float32 is. {1}");
    public static readonly DiagnosticDescriptor IntegersNotFaster = new("OM4006", "The model stays in float32: 8-bit integers make it no faster on this machine (the fastest mixture that is accurate enough takes {0} of float32's time; {1}). Precision=\"Float32\" builds the same sooner; where the program runs on another kind of processor, use a plan that was made there.");
    public static readonly DiagnosticDescriptor IntegersNotAccurate = new("OM4007", "The model stays in float32: 8-bit integers anywhere in it ruin its outputs, as they do those of spectra and other signal processing. Where it is a network, check that the calibration samples are like those that the program will see, or set MaxAccuracyDrop to what may be lost.");
    public static readonly DiagnosticDescriptor QuantizedAlready = new("OM4008", "The model is quantized already (it has {0}): its own scales are kept, and it is compiled as it is.");
    public static readonly DiagnosticDescriptor SpeedNotMeasured = new("OM4009", "The 8-bit integers are laid out for {0}. What the answers lose was measured on this machine's CPU; how fast they are on {0} was not. Compare with Precision=\"Float32\" or \"Float16\" by modelc bench where the program will run.");
    public static readonly DiagnosticDescriptor AccuracyTooLow = new("OM4010", "MinAccuracy=\"{0}\" is missed: the compiled model has an accuracy of {1} %, its source of {2} %. {3}");
    public static readonly DiagnosticDescriptor SizeBudgetMissed = new("OM4011", "MaxSizeMB=\"{0}\" is missed: the compiled model takes {1} MB, its source {2} MB. {3}");
    public static readonly DiagnosticDescriptor LatencyBudgetMissed = new("OM4012", "MaxLatencyRatio=\"{0}\" is missed: the compiled model takes {1} times as long as its source on this machine. {2}");
    public static readonly DiagnosticDescriptor LatencyNotMeasured = new("OM4013", "MaxLatencyRatio=\"{0}\" cannot be checked: {1}");
    public static readonly DiagnosticDescriptor MixedInFloat = new("OM4014", "The model stays in float32: with 8-bit integers anywhere in it, its answers lose more than Precision=\"Mixed\" allows, which is {0} % of them. Set MaxAccuracyDrop to what may be lost, or give more samples to measure it on.");
    public static readonly DiagnosticDescriptor OutputsDiffer = new("OM4015", "The output '{0}' of the compiled model differs from the source's by {1} % of its size (root mean square; their cosine is {2}). Labelled samples (Evaluation) tell what that means for the accuracy; {3}.");
    public static readonly DiagnosticDescriptor NamesDiffer = new("OM4016", "The output '{0}' of the compiled model has other numbers than the source's in {1} % of its elements, which name classes or places. Labelled samples (Evaluation) tell what that means for the accuracy; {2}.");
    public static readonly DiagnosticDescriptor RandomAnswers = new("OM4017", "The model draws random numbers at each run, and its outputs {0} hang on them: how well these agree with the source's cannot be measured.");
    public static readonly DiagnosticDescriptor TrainingMode = new("OM4018", "The model was exported in training mode (node '{0}', {1}): its answers are random, or hang on what else is in the batch. Export it as it is used: model.eval(), and training=TrainingMode.EVAL where the exporter is told.");
    public static readonly DiagnosticDescriptor PlanBudgetMissed = new("OM4019", "MaxAccuracyDrop=\"{0}\" is not held by the plan beside the model: with it the model loses {1} points ({2}). Write the plan again with modelc tune and the settings of the item, or delete it to have this build decide anew.");
    public static readonly DiagnosticDescriptor PlannedInFloat = new("OM4020", "The model stays in float32, as the plan beside it says: where that was made, 8-bit integers gained nothing or lost too much. Precision=\"Float32\" builds the same; modelc tune measures anew.");
    public static readonly DiagnosticDescriptor TuningUnfinished = new("OM4021", "Precision=\"Auto\" had {0} s (TuningBudget), in which {1} could not be tried; the best of the others was taken. Give it more time, and write the plan again with modelc tune or delete it.");
    public static readonly DiagnosticDescriptor RangesNotCovered = new("OM4022", "The {0} calibration samples do not tell how far the numbers of {1} go: in other samples some will be far larger, and a range of 8 bits would cut them off. What is computed from them stays in float32, up to a normalization. Give more samples, take logarithms of amounts and counts in the model, or use Precision=\"Int8Dynamic\", which measures ranges at each run.");

    // OM5xxx: provider and native library. OM5001 to OM5004 are the native library's restore (build/NativeLibrary.targets).
    public static readonly DiagnosticDescriptor NativeLibraryNotLoaded = new("OM5010", "No ONNX Runtime library could be loaded. {0} Reference a package that carries it, or set {1} to the full path of the library.");
    public static readonly DiagnosticDescriptor NativeLibraryTooOld = new("OM5011", "The ONNX Runtime library '{0}' has version {1}; version 1.{2} or newer is needed. Another copy of it may come first: update the package that carries it, or set {3} to the full path of a newer one.");
    public static readonly DiagnosticDescriptor ProviderNotInLibrary = new("OM5012", "The ONNX Runtime library '{0}' was built without the execution provider {1}; it has {2}. {3}, or choose another provider.");
    public static readonly DiagnosticDescriptor ProviderNotUsable = new("OM5013", "The execution provider {0} cannot be used: {1}. {2}");
    public static readonly DiagnosticDescriptor ProviderLibraryMissing = new("OM5014", "The execution provider {0} needs '{1}' beside ONNX Runtime's library, in '{2}', and it is not there. Reference {3}, which brings both.");
    public static readonly DiagnosticDescriptor ProviderVersionMismatch = new("OM5015", "'{0}' was built for version {1}, and ONNX Runtime's library '{2}' is of version {3}: together they crash. Take both from one version of {4}.");
    public static readonly DiagnosticDescriptor ProviderDependencyMissing = new("OM5016", "The execution provider {0} needs {1}, which the system's loader does not find. {2}");
    public static readonly DiagnosticDescriptor NoProviderUsable = new("OM5017", "None of the execution providers {0} can be used, and Cpu is not among them. {1}");
    public static readonly DiagnosticDescriptor NodesOnCpu = new("OM5018", "{0} of {1} nodes{3} would run on the CPU, and the only execution providers allowed are: {2}. Add Cpu to the list to allow it, or see what these nodes do.");
    public static readonly DiagnosticDescriptor PlacementUnknown = new("OM5019", "ONNX Runtime {0} does not tell where nodes run, so that nothing proves that they run on {1}. Use the version that ModelCompiler brings, add Cpu to the list, or have ONNX Runtime itself refuse with the configuration entry {2}.");
    public static readonly DiagnosticDescriptor OnnxRuntimeFailed = new("OM5020", "ONNX Runtime reports: {0}");
    public static readonly DiagnosticDescriptor NodesNotForProvider = new("OM5021", "{0} leaves {1} of {2} nodes to the CPU: {3}. {4}");
    public static readonly DiagnosticDescriptor ProviderFaulted = new("OM5022", "The execution provider {0} failed for good: {1}. Nothing answers on it any more. Make another predictor; where that fails too, the device needs a new process.");
    public static readonly DiagnosticDescriptor ProviderAnswersDiffer = new("OM5023", "On {0} the output '{1}' of the compiled model does not agree with the CPU's: their cosine is {2}, and the largest difference {3}. Update the driver, or see with modelc bisect and ProviderOptions (such as those that allow half precision) what makes the difference.");
    public static readonly DiagnosticDescriptor ProviderNotCompared = new("OM5024", "What the compiled model answers on {0} was not compared with the CPU: {1} A program may meet the same.");
    public static readonly DiagnosticDescriptor TensorMismatch = new("OM5030", "{0} '{1}': expected {2}, got {3}.");
    public static readonly DiagnosticDescriptor RunsOverlap = new("OM5031", "{0} is in the middle of a run, and serves one thread at a time. Wait for the run, or make another one for each thread.");
    public static readonly DiagnosticDescriptor SharedThreadsDecided = new("OM5032", "{0} threads to share were asked for, and this process has {1}: the first model that is opened decides. Give all of them the same SharedThreads, and open one of them before models without it.");
    public static readonly DiagnosticDescriptor ModelFileMissing = new("OM5040", "The model file '{0}' of {1} is not there. It belongs beside the program: build again, and deploy the whole output folder.");
    public static readonly DiagnosticDescriptor ModelFileChanged = new("OM5041", "The file '{0}' is not the one that {1} was generated for: its SHA-256 is {2}, expected {3}. Build again, and deploy program and model together.");
    public static readonly DiagnosticDescriptor RuntimeTooOld = new("OM5042", "{0} needs {1} {2} or newer, and this is {3}. Use one version of ModelCompiler for build and program.");
    public static readonly DiagnosticDescriptor SignatureChanged = new("OM5043", "The model of {0} does not fit its generated code: {1}. Build again.");

    // OM6xxx: I/O and cache.
    public static readonly DiagnosticDescriptor FileUnreadable = new("OM6001", "The file cannot be read: {0} Check its permissions and the disk.");
    public static readonly DiagnosticDescriptor FileUnwritable = new("OM6002", "The file cannot be written: {0} Check the permissions of its folder and the free space.");
    public static readonly DiagnosticDescriptor InputOutputFailed = new("OM6003", "Reading or writing failed: {0} Check permissions, and the free space of the disk.");
    public static readonly DiagnosticDescriptor ToolNotFound = new("OM6101", "The model compiler was not found at '{0}'. Restore the ModelCompiler package again, or correct the property {1}.");
    public static readonly DiagnosticDescriptor BuildFilesUnusable = new("OM6102", "A file that the build of the models needs cannot be read or written: {0} Close programs that hold it, and check the permissions and the free space.");
    public static readonly DiagnosticDescriptor TimeLimitPassed = new("OM6103", "The models took longer than ModelCompilerTimeout, which is {0} s. Raise it, or give fewer samples.");
    public static readonly DiagnosticDescriptor MemoryLimitPassed = new("OM6104", "The model compiler holds more memory than ModelCompilerMemoryLimit, which is {0} MiB: {1} MiB. Raise it, or give fewer samples.");
    public static readonly DiagnosticDescriptor MemoryExhausted = new("OM6105", "There is not enough memory to compile the model. Give the build more (containers have a limit of their own), or give fewer samples.");
    public static readonly DiagnosticDescriptor HashDiffers = new("OM6201", "The file '{0}' has the SHA-256 {1}, and '{2}' states {3}. Build it again, or restore the file.");
    public static readonly DiagnosticDescriptor StatedFileMissing = new("OM6202", "The file '{0}', which '{1}' states, is not there. Build it again.");
    public static readonly DiagnosticDescriptor NothingToVerify = new("OM6203", "There is no compiled model in '{0}'. Name the folder of a compilation, or one above it.");

    // OM9xxx: bugs of ours.
    public static readonly DiagnosticDescriptor InternalError = new("OM9001", "Internal error in {0}: {1}. This is a bug of ModelCompiler; please report it with the file '{2}'.");
    public static readonly DiagnosticDescriptor PassBrokeGraph = new("OM9002", "Pass '{0}' broke the graph at node '{1}': {2}. This is a bug of ModelCompiler; please report it with the model.");
}
