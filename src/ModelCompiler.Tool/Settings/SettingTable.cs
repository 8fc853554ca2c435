using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Settings;

/// <summary>
/// Every setting, in one place: the metadata of the item, the options of the command line, what they allow and what they mean. A feature that
/// is not there yet stands here too, so that asking for it is an error and not silence.
/// </summary>
internal static class SettingTable
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("Precision", "How numbers are held and computed: Float32, Float16, BFloat16, Mixed, Int8, Int8Dynamic, Int4 or Auto.",
            (s, v) => s with { Precision = v.Choice(Enum.GetValues<Precision>()) }),
        new("ExecutionProvider", "What runs the model; a list is an order of preference.", (s, v) => s with { ExecutionProviders = v.EnumList<ExecutionProvider>() }),
        new("TargetCpu", "Which processors the model is laid out for.", (s, v) => s with { TargetCpu = v.Choice(Enum.GetValues<TargetCpu>()) }),
        new("Calibration", "Sample inputs: a .npz, a .npy or a folder of them.", (s, v) => s with { Calibration = v.FullPath() }),
        new("Evaluation", "Labelled samples: a .npz with the inputs and 'labels'.", (s, v) => s with { Evaluation = v.FullPath() }),
        new("MaxAccuracyDrop", "The loss of accuracy that is allowed, in points.", (s, v) => s with { MaxAccuracyDrop = v.Number(0, 100) }),
        new("MinAccuracy", "The accuracy that is needed, in percent.", (s, v) => s with { MinAccuracy = v.Number(0, 100) }),
        new("MaxSizeMB", "The size that is allowed, in millions of bytes.", (s, v) => s with { MaxSizeMB = v.Number(0, double.PositiveInfinity) }),
        new("MaxLatencyRatio", "The time that is allowed, as a share of the source model's.", (s, v) => s with { MaxLatencyRatio = v.Number(0, double.PositiveInfinity) }),
        new("Outputs", "The outputs that are wanted, separated by semicolons; what only leads to others is cut.", (s, v) => s with { Outputs = v.Words() }),
        new("OptionalInputs", "Initializers that a caller may give in place of the model's value, separated by semicolons.", (s, v) => s with { OptionalInputs = v.Words() }),
        new("Dimensions", "Sizes of open dimensions, as in batch=1;width=320.", (s, v) => s with { Dimensions = DimensionFixing.Parse(v.Text) }),
        new("Sha256", "The SHA-256 that the model file must have.", (s, v) => s with { Sha256 = v.Hash() }),
        new("ClassName", "The name of the generated predictor.", (s, v) => s with { ClassName = v.CSharpName(isDotted: false) }) { IsPresentation = true },
        new("Namespace", "The namespace of the generated predictor.", (s, v) => s with { Namespace = v.CSharpName(isDotted: true) }) { IsPresentation = true },
        new("Accessibility", "Public or Internal: of the generated predictor.", (s, v) => s with { IsPublic = v.Choice("Public", "Internal") == "Public" }) { IsPresentation = true },
        new("Link", "File or Embedded: how the model travels with the program.", (s, v) => s with { IsEmbedded = v.Choice("File", "Embedded") == "Embedded" }),
        Planned("Prune", "Removes weights.", "None", "Structured:<number>", "Unstructured:<number>", "2:4", "Auto"),
        Planned("LowRank", "Factorizes wide matrices.", "None", "<number>", "Auto"),
        Planned("Teacher", "Distils from this model."),
        Planned("Train", "Fine-tunes.", "None", "Recover", "Quantized"),
        Planned("TrainingBudget", "How long to train."),
        new("Batch", "The batch size: Dynamic, as the model has it, or the number of samples that every run has.",
            (s, v) => s with { Batch = v.Text.Equals("Dynamic", StringComparison.OrdinalIgnoreCase) ? null : v.Count(1, "Dynamic") }),
        new("MaxBatch", "How many samples may share a run.", (s, v) => s with { MaxBatch = v.Count(1) }),
        new("BatchWindowMicroseconds", "How long a call waits for others.", (s, v) => s with { BatchWindowMicroseconds = v.Count(0) }),
        Planned("Candidates", "Other models for the same predictor."),
        Planned("EscalateTo", "The model to ask when this one is not sure."),
        Planned("Confidence", "How sure is sure."),
        Planned("EarlyExit", "Outputs that may answer early."),
        new("State", "Inputs that carry state, and the outputs that feed them: h=hn;c=cn.", (s, v) => s with { State = v.Pairs("input=output;…") }),
        new("Rename", "Names of members for tensors.", (s, v) => s with { Rename = v.Pairs("name=Member;…") }),
        new("ProviderOptions", "Options of the execution providers, as in device_id=1;use_tf32=0.", (s, v) => s with { ProviderOptionText = v.Text }),
        new("Objective", "What Precision=\"Auto\" looks for.", (s, v) => s with { Objective = v.Choice(Enum.GetValues<Objective>()) }),
        new("TuningBudget", "How long Precision=\"Auto\" looks, as in 90s or 10m.", (s, v) => s with { TuningBudget = v.Duration() }),
        new("Labels", "A text file with the names of the classes, a line each.", (s, v) => s with { Labels = v.FilePath() }),
        new("Image", "Preprocessing to compile into the model: input: RGB; scale=1/255; mean=…; std=…; layout=NCHW; fit=Stretch.", (s, v) => s with { Image = ImageOptions.Parse(v.Text) }),
    ];

    private static Setting Planned(string name, string help, params IReadOnlyList<string> allowed)
    {
        return new Setting(name, help, Refuse) { IsPlanned = true };

        ItemSettings Refuse(ItemSettings settings, SettingText text)
        {
            text.Planned(allowed);
            return settings;
        }
    }
}
