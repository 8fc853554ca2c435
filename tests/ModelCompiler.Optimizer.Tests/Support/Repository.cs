namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>Files of the repository that the tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string DigitsModel => Path.Combine(Root, "samples", "DigitClassifier", "models", "digits.onnx");

    public static string DigitsCalibration => Path.Combine(Root, "samples", "DigitClassifier", "data", "calibration.npz");

    public static string DigitsEvaluation => Path.Combine(Root, "samples", "DigitClassifier", "data", "evaluation.npz");

    /// <summary>What the data of the digits begins with: calibration.npz and evaluation.npz follow.</summary>
    public static string DigitsData => Path.Combine(Root, "samples", "DigitClassifier", "data") + Path.DirectorySeparatorChar;

    /// <summary>A trained network or its data, beside the script that trains them.</summary>
    public static string Trained(string file) => Path.Combine(Root, "tests", "ModelCompiler.Benchmarks", "Trained", file);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ModelCompiler.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
