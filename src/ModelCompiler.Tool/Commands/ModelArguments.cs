using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class ModelArguments
{
    public static Argument<string> Model(string name = "model") => new(name) { Description = "An ONNX file." };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document to standard output, and nothing else there." };

    public static Option<int> Batch() => Positive("--batch", "Samples per run, where the model leaves that open.", 1);

    public static Option<int> Threads() => Positive("--threads", "Threads within an operator.", 1);

    public static Option<string> Provider() => new("--provider")
    {
        Description = "The execution providers that run the models, in order of preference, with ';' between them.",
        DefaultValueFactory = _ => nameof(ExecutionProvider.Cpu),
    };

    public static Option<string?> Data(string description) => new("--data") { Description = description };

    /// <summary>An option for a number from 1 on.</summary>
    public static Option<int> Positive(string name, string description, int defaultValue)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (IsBelow(result, 1)) result.AddError($"{name} should be at least 1.");
        });
        return option;
    }

    /// <summary>Whether a number was given that is too small. What is no number at all is found by the parser.</summary>
    public static bool IsBelow(OptionResult result, double minimum) => result.Tokens.Count > 0
        && double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && !(value >= minimum);

    /// <summary>Sizes of open dimensions.</summary>
    public static Option<string[]> Dimensions() => new("--dim") { Description = "The size of an open dimension: name=size, or input:axis=size.", HelpName = "name=size" };

    /// <summary>The value of <see cref="Dimensions"/>.</summary>
    /// <exception cref="CompilerException">A text is of another form.</exception>
    public static IReadOnlyDictionary<string, long> ParseDimensions(string[]? texts) => DimensionFixing.Parse(string.Join(';', texts ?? []));

    /// <summary>Providers in order of preference, as the item takes them.</summary>
    public static Option<string> ProviderList() => new("--execution-provider")
    {
        Description = "The execution providers, in order of preference, with ';' between them.",
        DefaultValueFactory = _ => nameof(ExecutionProvider.Cpu),
        HelpName = "list",
    };

    /// <summary>The value of <see cref="ProviderList"/> or <see cref="Provider"/>.</summary>
    /// <exception cref="CompilerException">There is no such provider.</exception>
    public static IReadOnlyList<ExecutionProviderChoice> ParseProviders(string list) =>
        [.. new SettingText("provider", list, "").EnumList<ExecutionProvider>().Select(provider => new ExecutionProviderChoice(provider))];

    /// <summary>How sessions of a command are opened.</summary>
    /// <exception cref="CompilerException">There is no such provider.</exception>
    public static SessionOptions SessionOptions(int threads, string providers) => new() { IntraOpThreads = threads, ExecutionProviders = ParseProviders(providers) };

    /// <summary>Inputs for a run: the first of the samples where there are some, else random ones.</summary>
    /// <exception cref="CompilerException">The samples do not fit, or an open dimension is not given.</exception>
    public static IReadOnlyList<(string Name, TensorBuffer Value)> Inputs(
        Model model, InferenceSession session, string? data, int batch, IReadOnlyDictionary<string, long> dimensions)
    {
        if (data is null) return RandomInputs.Create(session.Inputs, batch, dimensions);
        SampleSet samples = SampleSet.Open(data, SampleInput.Of(model));
        return [.. samples.Read(batch).First().Inputs];
    }
}
