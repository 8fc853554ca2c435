namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>Files of the repository that the tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string DigitsModel => Path.Combine(Root, "samples", "DigitClassifier", "models", "digits.onnx");

    public static string DigitsCalibration => Path.Combine(Root, "samples", "DigitClassifier", "data", "calibration.npz");

    public static string DigitsEvaluation => Path.Combine(Root, "samples", "DigitClassifier", "data", "evaluation.npz");

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ModelCompiler.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
